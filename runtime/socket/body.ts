import type { IncomingMessage } from "node:http";
import type { Finding } from "../../domain/findings.ts";

/** Ours: the largest sensible body is some 1 KiB. */
export const BODY_BYTES = 64 * 1024;

/** Ours: what is read of a body that is too large, so that its sender gets to read the answer. */
const DRAINED_BYTES = 1024 * 1024;

/** Reads a JSON body to its end; undefined when the sender hung up on the way: then nothing was asked. */
export async function jsonBody(
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | { readonly findings: readonly Finding[] } | undefined> {
  const bytes = await bytesOf(request);
  if (bytes === undefined) return undefined;
  if (bytes.length > BODY_BYTES) {
    return wrong(`is larger than ${BODY_BYTES} bytes.`, "Send the fields of the call, and nothing else.");
  }
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch {
    const problem = bytes.length === 0 ? "is empty." : "is not JSON in UTF-8.";
    return wrong(problem, "Send the fields of the call as a JSON object.");
  }
}

function wrong(problem: string, remedy: string) {
  return { findings: [{ path: "body", problem, remedy }] };
}

/** All of a body; of one that is too large, a byte more than is allowed. */
function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_BYTES) chunks.push(chunk);
      if (size > DRAINED_BYTES) request.destroy();
    });
    request.on("end", () => resolve(size > BODY_BYTES ? Buffer.alloc(BODY_BYTES + 1) : Buffer.concat(chunks)));
    request.on("close", () => resolve(undefined));
  });
}
