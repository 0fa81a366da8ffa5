/** What became of a promise so far. */
export function watched<T>(promise: Promise<T>): { outcome: "waits" | T | Error } {
  const watch: { outcome: "waits" | T | Error } = { outcome: "waits" };
  promise.then(
    (value) => {
      watch.outcome = value;
    },
    (error: Error) => {
      watch.outcome = error;
    },
  );
  return watch;
}
