import type { Clock, Millis } from "../ports.ts";
import { collectionsOf, type Kind } from "./kinds.ts";
import { type Collections, type Records, type Store, StoreError } from "./store.ts";

/**
 * The store whose operations answer in time or fail. The driver's own timeouts follow one upon another; this one is
 * ours. What was given up may still happen, and nobody hears of its end.
 *
 * @param operation how long one operation may take
 */
export function bounded(store: Store, clock: Clock, operation: Millis): Store {
  let reconnects = 0;
  const limit = <T>(name: string, call: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const before = reconnects;
      const fail = (error: unknown) => {
        cancel();
        if (error instanceof StoreError) error.dropped = reconnects !== before;
        reject(error);
      };
      const late = () => {
        const seconds = Math.round(operation / 100) / 10;
        fail(new StoreError(name, new Error(`no answer in ${seconds} s: it may have happened`)));
      };
      // One turn more: to a process that did not run, everything comes late, and its timers first. Then what waits is heard.
      let cancel = clock.after(operation, () => {
        cancel = clock.after(0, late);
      });
      call().then((answer) => {
        cancel();
        resolve(answer);
      }, fail);
    });
  const records = (kind: Kind, inner: Records): Records => ({
    find: (id) => limit(`find ${kind}`, () => inner.find(id)),
    list: (listing) => limit(`list ${kind}`, () => inner.list(listing)),
    insert: (record) => limit(`insert ${kind}`, () => inner.insert(record)),
    update: (write) => limit(`update ${kind}`, () => inner.update(write)),
    updateAll: (writes) => limit(`update all ${kind}`, () => inner.updateAll(writes)),
  });
  const collections = (of: Collections) => collectionsOf((kind) => records(kind, of[kind]));
  return {
    work: collections(store.work),
    beats: collections(store.beats),
    prepare: () => limit("prepare", () => store.prepare()),
    onTopologyChange: (call) => store.onTopologyChange(call),
    reconnect: () => {
      reconnects += 1;
      return limit("reconnect", () => store.reconnect());
    },
    close: () => limit("close", () => store.close()),
  };
}
