/** A series with its samples in order. */
export interface Series {
  /** With the metric's name as `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [milliseconds: number, value: number])[];
}

/**
 * The body with which Prometheus takes samples of any time: a `WriteRequest` in protocol buffers, inside snappy.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/ (November 2026)
 */
export function writeRequest(series: readonly Series[]): Buffer<ArrayBuffer> {
  return snappy(Buffer.concat(series.map((one) => field(1, timeSeries(one)))));
}

function timeSeries({ labels, samples }: Series): Buffer {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    ...sorted.map(([name, value]) =>
      field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
    ),
    ...samples.map(([at, value]) => sample(at, value)),
  ]);
}

/** A field with a double and a time, all of which have six bytes from 1979 to 2109. */
function sample(at: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(18);
  bytes.set([(2 << 3) | 2, 16, (1 << 3) | 1]);
  bytes.writeDoubleLE(value, 3);
  bytes[11] = 2 << 3;
  let left = at;
  for (let index = 12; index < 18; index++) {
    bytes[index] = (left % 128) | (index < 17 ? 128 : 0);
    left = Math.floor(left / 128);
  }
  return bytes;
}

/** A field of bytes. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left & 127) | 128);
  }
}

/** Snappy without compressing anything: literals of at most 64 KiB. https://github.com/google/snappy/blob/main/format_description.txt */
function snappy(bytes: Buffer): Buffer<ArrayBuffer> {
  const parts = [varint(bytes.length)];
  for (let start = 0; start < bytes.length; start += 65_536) {
    const literal = bytes.subarray(start, start + 65_536);
    const header = Buffer.of(61 << 2, 0, 0);
    header.writeUInt16LE(literal.length - 1, 1);
    parts.push(header, literal);
  }
  return Buffer.concat(parts);
}
