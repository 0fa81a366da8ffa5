import { expect, test } from "vitest";
import { event } from "../../domain/contract.ts";
import { LineWriter, lineLog } from "../../runtime/stdout.ts";

/** A reader that takes as many bytes as it is told to, and then no more. */
function reading(room: number) {
  const pipe = { room, text: "", fails: "" };
  const write = (_: number, bytes: Buffer): number => {
    if (pipe.fails !== "") throw Object.assign(new Error(pipe.fails), { code: pipe.fails });
    if (pipe.room === 0) throw Object.assign(new Error("EAGAIN"), { code: "EAGAIN" });
    const taken = Math.min(pipe.room, bytes.length);
    pipe.text += bytes.subarray(0, taken).toString();
    pipe.room -= taken;
    return taken;
  };
  return { pipe, write };
}

function reader(room: number) {
  const { pipe, write } = reading(room);
  const lost = () => {
    throw new Error("nothing was lost");
  };
  return { pipe, writer: new LineWriter(1, write, lost) };
}

test("a line that was taken in part goes on where it stopped, before the next one", () => {
  const { pipe, writer } = reader(4);
  writer.write("first line\n");
  writer.write("second\n");
  expect(pipe.text).toBe("firs");
  pipe.room = 1000;
  writer.write("third\n");
  expect(pipe.text).toBe("first line\nsecond\nthird\n");
});

test("a reader that pauses has its lines a moment later", async () => {
  const { pipe, writer } = reader(0);
  writer.write("late\n");
  pipe.room = 1000;
  await expect.poll(() => pipe.text).toBe("late\n");
});

test("the last lines before an exit are not lost on a reader that is only slow", () => {
  const { pipe, writer } = reader(0);
  writer.write("exit 0\n");
  pipe.room = 1000;
  writer.flush();
  expect(pipe.text).toBe("exit 0\n");
});

test("a reader that has stopped does not keep the process from its end", () => {
  const { writer } = reader(0);
  writer.write("nobody reads this\n");
  const began = performance.now();
  writer.flush();
  expect(performance.now() - began).toBeLessThan(1000);
});

test("what a reader that has stopped would fill the memory with is counted instead, and the log says so once", () => {
  const { pipe, write } = reading(0);
  const { log, flush } = lineLog(1, write, { wall: () => Date.UTC(2026, 10, 27, 9) });
  const logged = 1000;
  for (let count = 0; count < logged; count++) log("INFO", event.heartbeat, "x".repeat(2000));
  pipe.room = 10_000_000;
  flush();
  log("INFO", event.heartbeat, "goes on");
  const lines = pipe.text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const lost = logged - (lines.length - 2);
  expect(lost).toBeGreaterThan(500);
  expect(lines.at(-2)).toEqual({
    severity: "WARNING",
    event: "lines_lost",
    message: `${lost} lines lost here: nobody read them in time`,
    time: "2026-11-27T09:00:00.000Z",
    lines: lost,
  });
  expect(lines.at(-1)).toMatchObject({ message: "goes on" });
});

test.each(["EPIPE", "EBADF"])("a reader that is gone (%s) does not end the worker's calls", (code) => {
  const { pipe, writer } = reader(1000);
  pipe.fails = code;
  writer.write("a\n");
  pipe.fails = "";
  writer.write("b\n");
  expect(pipe.text).toBe("");
});

test.each(["ENOSPC", "EIO"])(
  "a disk that was full for a moment (%s) does not cost the log of the rest of the day",
  (code) => {
    const { pipe, writer } = reader(1000);
    pipe.fails = code;
    writer.write("a\n");
    pipe.fails = "";
    writer.write("b\n");
    expect(pipe.text).toBe("a\nb\n");
  },
);
