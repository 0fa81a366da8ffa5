import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("a later timer never runs before an earlier one, whichever was set first", async () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const start = clock.monotonic();
  const note = (name: string) => () => ran.push(`${name} ${clock.monotonic() - start}`);
  clock.after(30, note("c"));
  clock.after(10, note("a"));
  clock.after(30, note("d"));
  clock.after(20, note("b"));
  await clock.advance(30);
  expect(ran).toEqual(["a 10", "b 20", "c 30", "d 30"]);
});

test("what a timer sets going is done before the next one runs", async () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.after(10, async () => {
    for (let turn = 0; turn < 50; turn++) await undefined;
    clock.after(5, () => ran.push("set on the way"));
  });
  clock.after(16, () => ran.push("later"));
  await clock.advance(20);
  expect(ran).toEqual(["set on the way", "later"]);
});

test("a cancelled timer never runs, and none is left", async () => {
  const clock = new VirtualClock();
  const cancel = clock.after(10, () => expect.unreachable());
  cancel();
  expect(clock.timers).toBe(0);
  await clock.advance(20);
});

test("a machine that was suspended has lost time on the monotonic clock only", async () => {
  const clock = new VirtualClock();
  const [monotonic, boot, wall] = [clock.monotonic(), clock.boot(), clock.wall()];
  clock.suspend(60_000);
  expect([clock.monotonic() - monotonic, clock.boot() - boot, clock.wall() - wall]).toEqual([0, 60_000, 60_000]);
  clock.setWall(-3000);
  await clock.advance(10);
  expect([clock.monotonic() - monotonic, clock.boot() - boot, clock.wall() - wall]).toEqual([10, 60_010, 57_010]);
});

test("a process that was stopped runs late what became due", async () => {
  const clock = new VirtualClock();
  const start = clock.monotonic();
  let at = 0;
  clock.after(10, () => {
    at = clock.monotonic() - start;
  });
  await clock.stop(5000);
  expect(at).toBe(5000);
});

test("a promise that no timer settles is an error, not an endless wait", async () => {
  const clock = new VirtualClock();
  await expect(clock.until(new Promise(() => {}))).rejects.toThrow("not settled");
  await expect(clock.until(new Promise<number>((resolve) => clock.after(70, () => resolve(7))))).resolves.toBe(7);
});
