/** A program that uses what ours does not: options, aliases, providers and values of every kind that a preview can meet. */
import { AlertPolicy, NotificationChannel } from "@pulumi/gcp/monitoring/index.js";
import { Provider } from "@pulumi/gcp/provider.js";
import { Secret, SecretIamMember, SecretVersion } from "@pulumi/gcp/secretmanager/index.js";
import { Account } from "@pulumi/gcp/serviceaccount/index.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/index.js";

class Ward extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions, outputs?: pulumi.Inputs) {
    super("example:clinic:Ward", name, { ignored: "a component has no inputs" }, opts);
    if (outputs !== undefined) this.registerOutputs(outputs);
  }
}

const project = "clinic-project";
const account = (name: string, opts: pulumi.CustomResourceOptions = {}, id = name) =>
  new Account(name, { project, accountId: id }, opts);
const replication = { auto: {} };

// What children take from their parents, and what they say otherwise.
const elsewhere = new Provider("elsewhere", { project: "second-project", region: "us-east1" });
const ward = new Ward("ward", { protect: true, retainOnDelete: true, providers: [elsewhere] });
const room = new Ward("room", { parent: ward }, {});
account("inherits", { parent: room });
account("differs", { parent: ward, protect: false, retainOnDelete: false });
account("below-a-resource", { parent: account("parent-account", { protect: true }) });
account("explicit", { provider: elsewhere });
const gone = account("gone");
const together = new Ward("together", { deletedWith: gone });
account("goes-too", { parent: together });

// What a change would do.
new Secret(
  "careful",
  { project, secretId: "careful", replication },
  {
    ignoreChanges: ["labels", "annotations.owner"],
    replaceOnChanges: ["replication"],
    deleteBeforeReplace: false,
    additionalSecretOutputs: ["createTime"],
    dependsOn: [ward, gone],
  },
);
account("taken-over", { import: `projects/${project}/serviceAccounts/taken-over@${project}.iam.gserviceaccount.com` });

// What it may have been called.
const renamed = new Ward("renamed", { aliases: [{ name: "former" }] });
account("renamed-account", { parent: renamed, aliases: [{ name: "former-account" }] });
new Secret(
  "moved",
  { project, secretId: "moved", replication },
  {
    parent: room,
    aliases: [
      { name: "token" },
      { parent: pulumi.rootStackResource },
      { parent: ward, name: "of-the-ward" },
      { type: "gcp:old/secret:Secret" },
      { stack: "former-stack", project: "former-project" },
      "urn:pulumi:former::example::gcp:x/y:Z::name",
    ],
  },
);

// Values: unknown, secret, both, deep inside, and odd ones. (No secret inside of a list: the engine then takes the whole
// list for secret, since providers reorder lists; ours keeps showing the rest.)
const password = new RandomPassword("password", { length: 20, special: true, overrideSpecial: "-_" });
const secret = new Secret("holder", { project, secretId: "holder", replication });
new SecretVersion("version", {
  secret: secret.id,
  secretData: pulumi.interpolate`mongodb://root:${password.result}@db`,
});
new SecretVersion("written", { secret: "projects/p/secrets/s", secretData: "not marked by the program" });
new SecretIamMember("reader", {
  project,
  secretId: secret.secretId,
  role: "roles/secretmanager.secretAccessor",
  member: gone.email.apply((email) => `serviceAccount:${email}`),
});
const channel = new NotificationChannel("channel", {
  project,
  type: "webhook_tokenauth",
  labels: pulumi.secret({ url: "https://example.com/?a=1&b=<2>", other: "all of it is secret" }),
  userLabels: { open: "to all", hidden: pulumi.secret("in one label"), constructor: "a name like another", empty: "" },
});
new AlertPolicy("policy", {
  project,
  displayName: 'ü € 😀 \\ " \n \u2028',
  combiner: "OR",
  enabled: true,
  notificationChannels: [channel.name, "projects/p/notificationChannels/1"],
  conditions: [
    {
      displayName: pulumi.interpolate`${channel.name} and ${gone.email}`,
      conditionThreshold: {
        comparison: "COMPARISON_GT",
        duration: "0s",
        thresholdValue: 0.1,
        trigger: { percent: 1e21 },
      },
    },
  ],
});

pulumi.log.info("for everyone");
pulumi.log.warn("of one resource\nin two lines", gone);
pulumi.log.debug("for nobody");

export const known = { text: "", number: -0.5, yes: true, nothing: null, list: [1, [2]], email: gone.email };
export const unknown = { name: channel.name, list: [channel.name, 1], text: pulumi.interpolate`to ${channel.name}` };
export const hidden = { all: pulumi.secret({ a: 1 }), one: { inner: pulumi.secret("x") }, unknown: password.result };
export const resource = gone;
export const component = room;
export const absent = undefined;
