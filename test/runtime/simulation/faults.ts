import { campaignOf } from "../../../runtime/lease/record.ts";
import type { Millis, Random } from "../../../runtime/ports.ts";
import type { Stored } from "../../../runtime/store/store.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";
import type { CampaignHistory } from "./campaign-history.ts";
import type { CloudJob } from "./cloud.ts";
import type { SimulatedContainer } from "./container.ts";
import type { FaultName } from "./fault-names.ts";
import type { Trouble } from "./network.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { PlannedFault } from "./scenario.ts";
import type { Story } from "./story.ts";

export interface FaultParts {
  readonly time: VirtualClock;
  readonly database: ReplicaSet;
  readonly history: CampaignHistory;
  readonly story: Story;
  readonly jobs: readonly CloudJob[];
  /** Whether all faults are over. */
  readonly peace: () => boolean;
  /** Called when a fault has come upon something: of those that wait for a request, when that is sent. */
  readonly came: (kind: FaultName) => void;
}

/** One fault as it comes about: what it comes upon, and what is left to chance in it. */
interface Here extends FaultParts {
  readonly job: CloudJob;
  readonly container: SimulatedContainer;
  readonly chance: Random;
  readonly size: number;
  /** What it waits for is here. */
  readonly bites: () => void;
  /** So long, of the longest that it may be, unless all faults are over before. */
  readonly for: (most: Millis, end: () => void) => Millis;
}

/** As many executions of one job as people start beside each other. */
const MOST_EXECUTIONS = 3;
/** A primary that hears no majority is none any more after this time. */
const STEPS_DOWN: Millis = 10_000;
/** By then a new primary knows what a majority has, also where the others are slow to follow it. */
const BEHIND: Millis = 15_000;
/** A machine is moved at most this often: each time its monotonic clock stands still for ten seconds. */
const BETWEEN_MOVES: Millis = 240_000;
const PEOPLE_LOOK_FOR: Millis = 200_000;

/** Of the campaigns that a container has. */
const HEARTBEAT = "update all campaigns";

/** It will come upon something, if that comes. */
interface Waits {
  readonly waits: string;
}

type Fault = (here: Here) => string | Waits | undefined;

/** @returns what a story says of it; undefined when there is nothing that it can come upon */
const faults: Readonly<Record<FaultName, Fault>> = {
  "requests get lost": (here) => trouble(here, "lost request", 0.3, 120_000),
  "answers get lost": (here) => trouble(here, "lost answer", 0.3, 120_000),
  "requests arrive twice": (here) => trouble(here, "doubled", 0.6, 120_000),
  "requests arrive late": (here) => trouble(here, "late request", 0.4, 120_000),
  "answers arrive late": (here) => trouble(here, "late answer", 0.2, 120_000),
  "connections break": (here) => trouble(here, "broken", 0.2, 120_000),
  "the database is slow": (here) => trouble(here, "slow", 1, 120_000),
  "cut off from the database": (here) => trouble(here, "cut off", 1, 300_000),
  "heartbeats get lost": (here) => trouble(here, "heartbeats lost", 1, 300_000),

  "the database is away": ({ database, for: during }) => {
    if (database.away) return undefined;
    database.away = true;
    const time = during(200_000, () => {
      database.away = false;
    });
    return `for ${seconds(time)}`;
  },
  "a new primary": ({ database, chance, for: during }) => {
    if (database.away) return undefined;
    database.away = true;
    const time = during(12_000, () => database.elect(otherClock(database, chance)));
    return `after ${seconds(time)} without any`;
  },
  "a new primary that is behind": ({ database, container, time, story, chance, size, peace, bites }) => {
    if (container.network.onWrite !== undefined) return undefined;
    container.network.onWrite = (operation) => {
      if (peace() || database.away || operation !== "update campaigns") return undefined;
      bites();
      story.tell(container.name, "has an answer to the last write that the next primary will know of late");
      const known = database.copy();
      time.after(2, () => {
        if (peace() || database.away) return;
        database.away = true;
        time.after(12_000 * size, () => {
          if (peace()) return;
          database.elect(otherClock(database, chance), known);
          time.after(BEHIND * chance.fraction(), () => database.catchUp(known));
        });
      });
      return { request: 0, reply: 1 };
    };
    return { waits: "" };
  },
  "no majority for a while": ({ database, for: during }) => {
    if (!database.isolate(() => true)) return undefined;
    const time = during(20_000, () => database.follow());
    return `for ${seconds(time)}; then it has what was written`;
  },
  "a primary is lost with its last writes": ({ database, chance, for: during }) => {
    if (!database.isolate(() => true)) return undefined;
    const time = during(STEPS_DOWN, () => database.elect(otherClock(database, chance)));
    return `those of ${seconds(time)}`;
  },
  "an old primary goes on alone": ({ database, jobs, time, chance, for: during, peace }) => {
    const all = jobs.flatMap(({ here }) => here);
    const alone = new Set(all.filter(() => chance.fraction() < 0.5).map(({ id }) => id));
    // The others have none until they have elected one: those who reach the old one read there what was, for that long.
    if (alone.size === 0 || database.away || !database.isolate((by) => alone.has(by))) return undefined;
    database.away = true;
    time.after(Math.min(STEPS_DOWN, 2_000 + 8_000 * chance.fraction()), () => {
      if (!peace()) database.away = false;
    });
    const lasts = during(STEPS_DOWN, () => database.elect(otherClock(database, chance)));
    return `for ${seconds(lasts)}, with ${alone.size} of ${all.length} containers`;
  },
  "the database's clock is set": ({ database, chance }) => {
    database.ahead += (chance.fraction() - 0.5) * 400_000;
    return `to ${seconds(database.ahead)} ahead`;
  },
  "the database refuses a campaign": ({ database, chance, for: during }) => {
    const all = database.all("campaigns");
    const one = all[Math.floor(chance.fraction() * all.length)];
    if (database.refuses !== undefined || one === undefined) return undefined;
    database.refuses = one.id;
    const time = during(150_000, () => {
      database.refuses = undefined;
    });
    return `${one.id}, for ${seconds(time)}`;
  },
  "all but one are cut off": ({ jobs, container, bites, for: during }) => {
    const others = jobs.flatMap(({ here }) => here).filter((other) => other !== container);
    if (others.length === 0) return undefined;
    for (const { network } of others) network.begin("cut off", 1, bites);
    const time = during(500_000, () => {
      for (const { network } of others) network.end("cut off");
    });
    return { waits: `for ${seconds(time)}` };
  },

  "the runtime is stopped": ({ container, chance, for: during }) => {
    container.hold(container.clock, "stopped");
    const first = chance.fraction() < 0.5 ? "timers" : "answers";
    return `for ${seconds(during(300_000, () => container.release(container.clock, "stopped", first)))}`;
  },
  "stopped in the middle of a write, and then cut off": ({ container, time, story, size, peace, bites }) => {
    const { network, clock } = container;
    const stopped = 120_000 * size;
    if (network.onWrite !== undefined) return undefined;
    network.onWrite = () => {
      if (peace()) return undefined;
      bites();
      story.tell(container.name, `is stopped for ${seconds(stopped)} with a write under way, and cut off`);
      container.hold(clock, "stopped");
      network.begin("cut off", 1);
      time.after(stopped, () => container.release(clock, "stopped", "answers"));
      // Until long after others may take what it has.
      time.after(250_000, () => peace() || network.end("cut off"));
      // It lands, and the answer is there when the sender goes on.
      return { request: 0, reply: 1 };
    };
    return { waits: "" };
  },
  "the machine stands still": ({ container, chance, for: during }) => {
    const processes = [container.clock, ...container.children.map(({ clock }) => clock)];
    for (const process of processes) container.hold(process, "stopped");
    const first = chance.fraction() < 0.5 ? "timers" : "answers";
    const time = during(300_000, () => {
      for (const process of processes) container.release(process, "stopped", first);
    });
    return `for ${seconds(time)}, and its clocks go on`;
  },
  "the machine is moved": ({ container, time, chance, for: during, peace }) => {
    if (time.monotonic() - container.movedAt < BETWEEN_MOVES) return undefined;
    container.movedAt = time.monotonic();
    container.signal("SIGTSTP");
    const notice = 10_000 * chance.fraction();
    time.after(notice, () => peace() || container.suspend());
    const away = during(10_000, () => {});
    time.after(notice + away, () => {
      if (container.gone) return;
      container.resume();
      container.signal("SIGCONT");
    });
    return `after ${seconds(notice)}, for ${seconds(away)}`;
  },
  "the wall clock is set": ({ container, chance }) => {
    const by = (chance.fraction() - 0.5) * 480_000;
    container.machine.setWall(by);
    return `by ${seconds(by)}`;
  },
  "a crash": ({ container }) => {
    container.crash();
    return "";
  },
  "a crash, and its last heartbeat lands when another takes over": (here) => {
    const { container, database, jobs, time, story, peace, bites, for: during } = here;
    if (container.network.onWrite !== undefined) return undefined;
    container.network.onWrite = (operation) => {
      if (peace() || operation !== HEARTBEAT) return undefined;
      bites();
      story.tell(container.name, "crashes with a heartbeat under way");
      database.late = container.id;
      time.after(1, () => container.crash());
      // Who takes over takes its time, and that is when it lands.
      const all = jobs.flatMap(({ here: containers }) => containers);
      for (const { network } of all) network.begin("slow", 1);
      during(400_000, () => {
        for (const { network } of all) network.end("slow");
      });
      return { request: 0, reply: "lost" };
    };
    return { waits: "" };
  },
  SIGTERM: ({ job, container }) => {
    if (container.told) return undefined;
    job.terminate(container);
    return "";
  },
  "SIGTERM twice": ({ job, container, time, chance }) => {
    if (container.told) return undefined;
    job.terminate(container);
    const after = 6_000 * chance.fraction();
    time.after(after, () => container.gone || container.signal("SIGTERM"));
    return `the second after ${seconds(after)}`;
  },
  "another start": ({ job }) => {
    if (job.here.length >= MOST_EXECUTIONS || job.isClosed) return undefined;
    job.execute();
    return "";
  },
  "a late start": ({ job, time, for: during, peace, bites }) => {
    if (job.isClosed) return undefined;
    const late = during(120_000, () => {});
    time.after(late, () => {
      if (peace() || job.here.length >= MOST_EXECUTIONS || job.isClosed) return;
      bites();
      job.execute();
    });
    return { waits: `${seconds(late)} late` };
  },

  "the worker blocks": ({ container, for: during }) => {
    const { child } = container;
    if (child?.alive() !== true) return undefined;
    container.hold(child.clock, "blocked");
    return `for ${seconds(during(300_000, () => container.release(child.clock, "blocked")))}`;
  },
  "the worker dies": ({ container, chance }) => {
    if (container.child?.alive() !== true) return undefined;
    container.child.die(chance.fraction() < 0.5 ? { code: 1 } : { signal: "SIGSEGV" });
    return "";
  },
  "the worker ends": ({ container }) => {
    if (container.child?.alive() !== true) return undefined;
    container.child.die({ code: 0 });
    return "";
  },
  "the launcher dies before its worker": ({ container }) => {
    if (container.child?.loseLauncher() !== true) return undefined;
    return "";
  },
  "the worker is not ready": ({ container, for: during }) => {
    const { child } = container;
    if (child === undefined || container.settings.workerHealth === undefined) return undefined;
    child.ready = false;
    const time = during(200_000, () => {
      child.ready = true;
    });
    return `for ${seconds(time)}`;
  },

  "the shift's record is set back": ({ job, database, chance }) => {
    const lease = chance.fraction() < 0.5 ? {} : { lease: null };
    const write = { id: job.recordId, expect: {}, set: { status: "interrupted", ...lease } };
    if (chance.fraction() < 0.7 || !database.performByMajority({ kind: "shifts", call: "update", write }))
      return undefined;
    job.shift.written();
    return "lease" in lease ? "without its lease" : "";
  },
  "a campaign is set back": ({ database, history, story, time, peace, bites }) => {
    const until = time.monotonic() + PEOPLE_LOOK_FOR;
    // One that nobody has, in the middle of a call.
    const isLeft = (stored: Stored) => stored.status === "interrupted" && campaignOf(stored).resume.open !== undefined;
    const look = () => {
      if (peace() || time.monotonic() > until) return;
      const left = database.all("campaigns").find(isLeft);
      if (left === undefined) return void time.after(1_000, look);
      const write = { id: left.id, expect: {}, set: { status: "queued", lease: null } };
      database.performByMajority({ kind: "campaigns", call: "update", write });
      history.setBack(left.id);
      story.tell("", `  people set ${left.id} back: it is queued, without a lease`);
      bites();
    };
    look();
    return { waits: "" };
  },
};

export function bringAbout(planned: PlannedFault, parts: FaultParts, chance: Random): void {
  const { time, story, peace, came } = parts;
  const { kind, size } = planned;
  const job = parts.jobs[planned.job];
  const { here = [] } = job ?? {};
  const container = here[Math.floor(chance.fraction() * here.length)];
  if (job === undefined || container === undefined) return;
  const during = (most: Millis, end: () => void) => {
    const lasts = most * size;
    time.after(lasts, () => peace() || end());
    return lasts;
  };
  let bitten = false;
  const bites = () => {
    if (!bitten) came(kind);
    bitten = true;
  };
  const told = faults[kind]({ ...parts, job, container, chance, size, for: during, bites });
  if (told === undefined) return;
  const text = typeof told === "string" ? told : told.waits;
  story.tell(container.name, `* ${kind}${text === "" ? "" : `: ${text}`}`);
  if (typeof told === "string") bites();
}

function trouble({ container, bites, for: during }: Here, kind: Trouble, rate: number, most: Millis): Waits {
  container.network.begin(kind, rate, bites);
  return { waits: `for ${seconds(during(most, () => container.network.end(kind)))}` };
}

/** Another server has another clock. */
function otherClock({ ahead }: ReplicaSet, { fraction }: Random): Millis {
  return fraction() < 0.5 ? ahead : (fraction() - 0.5) * 400_000;
}

function seconds(time: Millis): string {
  return `${(time / 1000).toFixed(1)} s`;
}
