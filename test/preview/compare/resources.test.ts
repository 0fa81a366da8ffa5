import { describe, expect, test } from "vitest";
import { dangersOf } from "../../../preview/compare/dangers.ts";
import { protectionSentences } from "../../../preview/compare/protection.ts";
import { replacedBy } from "../../../preview/compare/replacement.ts";
import { changedResources } from "../../../preview/compare/resources.ts";
import { type DeclaredResource, UNKNOWN } from "../../../preview/resources.ts";
import { declaredResource as resource, declaredStack as stack, urnOf } from "../../support/declared-stack.ts";

const JOB = "gcp:cloudrunv2/job:Job";
const SECRET = "gcp:secretmanager/secret:Secret";
const VERSION = "gcp:secretmanager/secretVersion:SecretVersion";
const GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember";
const POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";
const CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel";

const job = (changes = {}) => resource(JOB, "dental", { project: "p", location: "l", name: "dental", ...changes });
const steps = (before: readonly DeclaredResource[], after: readonly DeclaredResource[]) =>
  changedResources(stack(...before), stack(...after)).map(({ step, name }) => `${step} ${name}`);
const dangers = (before: readonly DeclaredResource[], after: readonly DeclaredResource[]) => {
  const [was, is] = [stack(...before), stack(...after)];
  return dangersOf(changedResources(was, is), was, is).map(({ kind, text }) => `${kind}: ${text}`);
};

describe("what becomes of a resource", () => {
  test("one that is the same on both sides is not told", () => {
    expect(steps([job()], [job()])).toEqual([]);
  });

  test("created, changed, replaced, deleted", () => {
    expect(steps([], [job()])).toEqual(["create dental"]);
    expect(steps([job()], [job({ labels: { a: "b" } })])).toEqual(["update dental"]);
    expect(steps([job()], [job({ location: "elsewhere" })])).toEqual(["replace dental"]);
    expect(steps([job()], [])).toEqual(["delete dental"]);
  });

  test.each(Object.entries(replacedBy).flatMap(([type, paths]) => Object.keys(paths).map((path) => [type, path])))(
    "%s is replaced by another %s, not changed in place",
    (type, path) => {
      const [before, after] = ["old", "new"].map((value) => resource(type, "x", { project: "p", [path]: value }));
      expect(steps([before as never], [after as never])).toEqual(["replace x"]);
    },
  );

  test("a rename with an alias is no deletion", () => {
    const renamed = resource(JOB, "dentist", job().inputs, { aliases: [urnOf(JOB, "gone"), urnOf(JOB, "dental")] });
    const [change] = changedResources(stack(job()), stack(renamed));
    expect(change).toMatchObject({ step: "rename", name: "dentist", formerUrn: urnOf(JOB, "dental"), properties: [] });
    expect(dangers([job()], [renamed])).toEqual([]);
  });

  test("a rename without an alias deletes what it has just made: a grant is then gone", () => {
    const grant = (name: string) =>
      resource(GRANT, name, { project: "p", secretId: "key", role: "roles/x", member: "serviceAccount:a" });
    expect(steps([grant("a")], [grant("b")])).toEqual(["delete a", "create b"]);
    const [same] = dangers([grant("a")], [grant("b")]);
    expect(same).toMatch(/^same-thing: Grant on key is deleted .* takes the new one away\. Give it an alias\.$/);
  });

  test("an older resource is taken by one alias alone", () => {
    const twins = ["a", "b"].map((name) => resource(POLICY, name, {}, { aliases: [urnOf(POLICY, "old")] }));
    expect(steps([resource(POLICY, "old")], twins)).toEqual(["create b", "rename a"]);
  });

  test("a change that the program ignores is none; one on which it wants a replacement is one", () => {
    const labels = { labels: { a: "b" } };
    const with_ = (options: object) => ({ ...job(labels), ...options });
    expect(steps([job()], [with_({ ignoreChanges: ["labels"] })])).toEqual(["update dental"]); // the option itself
    expect(
      steps([with_({ ignoreChanges: ["labels"] })], [{ ...job({ labels: { a: "c" } }), ignoreChanges: ["labels"] }]),
    ).toEqual([]);
    expect(steps([job()], [with_({ replaceOnChanges: ["labels"] })])).toEqual(["replace dental"]);
    expect(steps([job()], [with_({ replaceOnChanges: ["*"] })])).toEqual(["replace dental"]);
  });

  test("what takes the id of a replaced resource is changed too, or replaced: both sides only say unknown", () => {
    const secret = (replication: string) => resource(SECRET, "key", { project: "p", secretId: "key", replication });
    const version = resource(
      VERSION,
      "key-1",
      { secret: UNKNOWN },
      { propertyDependencies: { secret: [urnOf(SECRET, "key")] } },
    );
    expect(steps([secret("auto"), version], [secret("auto"), version])).toEqual([]);
    expect(steps([secret("auto"), version], [secret("user"), version])).toEqual(["replace key", "replace key-1"]);
    const [, follower] = changedResources(stack(secret("auto"), version), stack(secret("user"), version));
    expect(follower?.properties).toEqual([
      { path: "secret", before: "[unknown]", after: "[unknown]", follows: [urnOf(SECRET, "key")], replaces: true },
    ]);
  });

  test("an alert that tells another channel is changed, although both names are unknown", () => {
    const policy = (channel: string) =>
      resource(
        POLICY,
        "absent",
        { notificationChannels: [UNKNOWN] },
        { propertyDependencies: { notificationChannels: [urnOf(CHANNEL, channel)] } },
      );
    const channels = ["day", "night"].map((name) => resource(CHANNEL, name));
    expect(steps([...channels, policy("day")], [...channels, policy("night")])).toEqual(["update absent"]);
  });

  test("the order is that of what matters, not that in which the program happened to register", () => {
    const all = [job(), resource(POLICY, "a"), resource(SECRET, "s"), resource(POLICY, "b")];
    expect(steps([], all)).toEqual(steps([], [...all].reverse()));
    expect(steps([], all)).toEqual(["create dental", "create s", "create a", "create b"]);
  });
});

describe("a reviewer is warned", () => {
  test("of what is replaced, why, and that there is none in between", () => {
    expect(dangers([job()], [job({ location: "elsewhere" })])).toEqual([
      "replace: Cloud Run job dental is replaced: location cannot be changed in place. It is deleted first: for a moment there is none.",
    ]);
  });

  test("of what `up` will refuse, since it is protected", () => {
    const [refused] = dangers([{ ...job(), protect: true }], []);
    expect(refused).toMatch(/^refused: `up` will refuse to delete Cloud Run job dental: it is protected/);
  });

  test("of protection that goes, Pulumi's and Google's", () => {
    const was = { ...job({ deletionProtection: true }), protect: true };
    expect(dangers([was], [job({ deletionProtection: false })])).toEqual([
      "unprotect: Cloud Run job dental loses Pulumi's protection and Google's deletion protection.",
    ]);
  });

  test("and is told what has become protected", () => {
    const was = stack(job({ deletionProtection: false }), resource(SECRET, "key"));
    const is = stack(job({ deletionProtection: true }), { ...resource(SECRET, "key"), protect: true });
    expect(protectionSentences(changedResources(was, is)).map(({ text }) => text)).toEqual([
      "now also of Cloud Run job dental and secret key",
    ]);
    expect(protectionSentences(changedResources(is, was))).toEqual([]);
  });

  test("of deletions, kind by kind", () => {
    const secrets = ["a", "b", "c", "d", "e", "f", "g"].map((name) => resource(SECRET, name, { secretId: name }));
    expect(dangers([...secrets, job()], [])).toEqual([
      "delete: Cloud Run job dental is deleted.",
      "delete: 7 secrets are deleted: a, b, c, d, e and 2 more.",
    ]);
  });

  test("not of what the cloud keeps", () => {
    const api = resource("gcp:projects/service:Service", "run", {
      service: "run.googleapis.com",
      disableOnDestroy: false,
    });
    expect(dangers([api, { ...job(), retainOnDelete: true }], [])).toEqual([]);
  });

  test("not of an alert whose place another takes, but of one that nothing replaces", () => {
    const alert = (displayName: string) => resource(POLICY, displayName, { displayName });
    expect(dangers([alert("prod: absent, mon 09:00")], [alert("prod: absent, mon 08:00")])).toEqual([]);
    expect(dangers([alert("prod: absent, mon 09:00")], [alert("prod: missed, mon 09:00")])).toEqual([
      "delete: Alert policy prod: absent, mon 09:00 is deleted.",
    ]);
  });

  test("of a service that everybody may call", () => {
    const grant = (member: string) =>
      resource("gcp:cloudrunv2/serviceIamMember:ServiceIamMember", member, {
        ...{ project: "p", location: "l", name: "careflow-agent", role: "roles/run.invoker", member },
      });
    expect(dangers([], [grant("allUsers"), grant("serviceAccount:a@p.iam.gserviceaccount.com")])).toEqual([
      "everybody: Everybody on the internet may invoke service careflow-agent.",
    ]);
  });

  test("of a type of which nothing is known, which may be replaced", () => {
    const bucket = (location: string) => resource("gcp:storage/bucket:Bucket", "b", { location });
    expect(dangers([bucket("us")], [bucket("eu")])).toEqual([
      "not-known: 1 changed resource may be replaced: what replaces gcp:storage/bucket:Bucket is not known here.",
    ]);
  });
});
