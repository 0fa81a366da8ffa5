import { expect, test } from "vitest";
import { LineWriter } from "../../runtime/stdout.ts";

/** A reader that takes as many bytes as it is told to, and then no more. */
function reader(room: number) {
  const pipe = { room, text: "", fails: "" };
  const write = (_: number, bytes: Buffer): number => {
    if (pipe.fails !== "") throw Object.assign(new Error(pipe.fails), { code: pipe.fails });
    if (pipe.room === 0) throw Object.assign(new Error("EAGAIN"), { code: "EAGAIN" });
    const taken = Math.min(pipe.room, bytes.length);
    pipe.text += bytes.subarray(0, taken).toString();
    pipe.room -= taken;
    return taken;
  };
  return { pipe, writer: new LineWriter(1, write) };
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

test("what a reader that has stopped would fill the memory with is counted instead", () => {
  const { pipe, writer } = reader(0);
  const line = `${"x".repeat(999)}\n`;
  for (let count = 0; count < 1005; count++) writer.write(line);
  pipe.room = 10_000_000;
  writer.flush();
  const lines = pipe.text.trimEnd().split("\n");
  expect(lines).toHaveLength(1001);
  expect(lines.at(-1)).toBe('{"severity":"WARNING","message":"5 lines were lost here: nobody read them in time"}');
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
