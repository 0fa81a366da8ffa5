import { type Finding, FindingsError, join } from "../../domain/findings.ts";
import type { Settings } from "../settings.ts";
import type { RecordNames } from "../store/names.ts";
import type { Environment } from "./environment.ts";
import { togetherProblems } from "./together.ts";
import { type Values, type Variable, variables } from "./variables.ts";

/**
 * Reads everything that the environment says to the runtime.
 *
 * @throws FindingsError with all that is wrong: the variable as the path, and never a secret's text
 */
export function readSettings(env: Environment): Settings {
  const { values, findings } = readEach(env);
  const all = [...findings, ...togetherProblems(values, env)];
  if (all.length > 0) throw new FindingsError(all);
  return settingsOf(values as Values);
}

/**
 * What the records are called, for who has a database without a URI of it: a worker's own client.
 *
 * @param env that `readSettings` finds nothing wrong with
 */
export function readNames(env: Environment): RecordNames {
  return namesOf(readEach(env).values as Values);
}

/** What each variable says. Those that are wrong are left out of the values. */
function readEach(env: Environment): { values: Partial<Values>; findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries<Variable>(variables)) {
    const given = env[variable.name];
    if (given === "") findings.push({ path: variable.name, ...nothing(variable) });
    const text = given || variable.fallback;
    const reading = text === undefined ? { value: undefined } : variable.form.read(text);
    if ("value" in reading) values[key] = reading.value;
    else {
      for (const { path = "", problem, remedy } of reading.wrong) {
        findings.push({ path: join(variable.name, path), problem, remedy });
      }
    }
  }
  return { values: values as Partial<Values>, findings };
}

/** A secret that came out empty would otherwise be a runtime without leases, and nobody told. */
function nothing({ fallback }: Variable): Pick<Finding, "problem" | "remedy"> {
  const otherwise = fallback === undefined ? "leave it out" : `leave it out for ${fallback}`;
  return { problem: "is set to nothing.", remedy: `Give it a value, or ${otherwise}.` };
}

function settingsOf(values: Values): Settings {
  const { execution, task, attempt, workerHealth, uri, job, calendar, runFor, interval, orphanAfter } = values;
  const { capacity, recoveryPolicy, recoveryLimit, grace, restarts, healthPort, requires } = values;
  return {
    place:
      execution === undefined || task === undefined || attempt === undefined ? undefined : { execution, task, attempt },
    ...{ job, calendar, runFor, interval, orphanAfter, capacity, recoveryPolicy, recoveryLimit },
    ...{ grace, restarts, healthPort, requires: requires ?? [] },
    workerHealth: workerHealth === "off" ? undefined : workerHealth,
    database: uri === undefined ? undefined : { uri: uri.uri, database: values.database, names: namesOf(values) },
  };
}

function namesOf(values: Values): RecordNames {
  const { campaigns, shifts, containers, statusField, leaseField, resumeField, recoveryField, idKind } = values;
  const { queued, running, interrupted, completed, failed, quarantined } = values;
  return {
    collections: { campaigns, shifts, containers },
    fields: { status: statusField, lease: leaseField, resume: resumeField, recovery: recoveryField },
    statuses: { queued, running, interrupted, completed, failed, quarantined },
    id: idKind,
  };
}
