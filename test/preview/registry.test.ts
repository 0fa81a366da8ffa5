import { describe, expect, it } from "vitest";
import { type Registration, Registry } from "../../preview/engine/registry.ts";
import { makeUrn, parseUrn } from "../../preview/engine/urn.ts";
import { type DeclaredResource, Secret, sameValue, UNKNOWN } from "../../preview/resources.ts";

const nothing = {
  custom: false,
  inputs: {},
  dependencies: [],
  propertyDependencies: {},
  ignoreChanges: [],
  replaceOnChanges: [],
  additionalSecretOutputs: [],
  aliases: [],
  providers: {},
} as const;

const resource = (wanted: Partial<Registration> & { name: string }): Registration => ({
  ...nothing,
  type: "test:x:Thing",
  ...wanted,
});

function register(...wanted: Registration[]): readonly DeclaredResource[] {
  const registry = new Registry({ project: "clinic", stack: "dev", config: { "gcp:project": "own" } });
  for (const each of wanted) registry.register(each);
  return registry.declared([]).resources;
}

const urn = (name: string, type = "test:x:Thing"): string => `urn:pulumi:dev::clinic::${type}::${name}`;

describe("the registry", () => {
  it("refuses a parent that nobody has declared, whose children would hang in the air", () => {
    expect(() => register(resource({ name: "child", parent: urn("nobody") }))).toThrow(
      /^the parent of child \[test:x:Thing\] is .*nobody, which is not declared$/,
    );
  });

  it("takes equal names under different parents for different resources", () => {
    const [, , first, second] = register(
      resource({ name: "a", type: "test:x:A" }),
      resource({ name: "b", type: "test:x:B" }),
      resource({ name: "same", parent: urn("a", "test:x:A") }),
      resource({ name: "same", parent: urn("b", "test:x:B") }),
    );
    expect([first?.urn, second?.urn]).toEqual([
      urn("same", "test:x:A$test:x:Thing"),
      urn("same", "test:x:B$test:x:Thing"),
    ]);
  });

  it("hands a grandparent's old name down to every level, or the grants below would be made anew", () => {
    const [, , child] = register(
      resource({ name: "new", type: "test:x:A", aliases: [{ name: "old" }] }),
      resource({ name: "new-b", type: "test:x:B", parent: urn("new", "test:x:A") }),
      resource({ name: "new-b-c", parent: urn("new-b", "test:x:A$test:x:B") }),
    );
    expect(child?.aliases).toEqual([urn("old-b-c", "test:x:A$test:x:B$test:x:Thing")]);
  });

  it("follows a change of type, of project and of parent", () => {
    const [, moved] = register(
      resource({ name: "room", type: "test:x:Room" }),
      resource({
        name: "thing",
        parent: urn("room", "test:x:Room"),
        aliases: [
          { type: "test:y:Thing" },
          { project: "other" },
          { parent: "none" },
          { parent: urn("hall", "test:x:Hall") },
        ],
      }),
    );
    expect(moved?.aliases).toEqual([
      urn("thing", "test:x:Room$test:y:Thing"),
      "urn:pulumi:dev::other::test:x:Room$test:x:Thing::thing",
      urn("thing"),
      urn("thing", "test:x:Hall$test:x:Thing"),
    ]);
  });

  it("names an alias that cannot be read", () => {
    expect(() => register(resource({ name: "thing", aliases: [{ parent: "hall" }] }))).toThrow('"hall" is not a URN');
  });

  it("asks the nearest component for a provider", () => {
    const provider = (project: string) => `${urn(project, "pulumi:providers:gcp")}::id`;
    const [, , inner] = register(
      resource({ name: "outer", type: "test:x:A", providers: { gcp: provider("outer"), random: provider("dice") } }),
      resource({
        name: "inner",
        type: "test:x:B",
        parent: urn("outer", "test:x:A"),
        providers: { gcp: provider("inner") },
      }),
      resource({ name: "job", type: "gcp:x:Job", custom: true, parent: urn("inner", "test:x:A$test:x:B") }),
    );
    expect(inner?.provider).toBe(urn("inner", "pulumi:providers:gcp"));
  });

  it("inherits whether a resource outlives the stack, unless it says otherwise itself", () => {
    const [, kept, not] = register(
      resource({ name: "a", protect: true, retainOnDelete: true, deletedWith: urn("z") }),
      resource({ name: "b", parent: urn("a") }),
      resource({ name: "c", parent: urn("a"), protect: false, retainOnDelete: false }),
    );
    expect(kept).toMatchObject({ protect: true, retainOnDelete: true, deletedWith: urn("z") });
    expect(not).toMatchObject({ protect: false, retainOnDelete: false });
  });
});

describe("an account's address", () => {
  const known = (inputs: Registration["inputs"]) => {
    const registry = new Registry({ project: "clinic", stack: "dev", config: { "gcp:project": "own" } });
    const account = { name: "a", type: "gcp:serviceaccount/account:Account", custom: true, inputs };
    return registry.register(resource(account)).known.email;
  };

  it.each([
    ["the stack's project", { accountId: "dental" }, "dental@own.iam.gserviceaccount.com"],
    ["its own project", { accountId: "dental", project: "other" }, "dental@other.iam.gserviceaccount.com"],
    ["a project not yet known", { accountId: "dental", project: UNKNOWN }, undefined],
    ["an id not yet known", { accountId: UNKNOWN }, undefined],
    ["a project of a domain", { accountId: "dental", project: "example.com:own" }, undefined],
  ])("is only stated when it is certain: %s", (_, inputs, email) => {
    expect(known(inputs)).toBe(email);
  });
});

describe("values", () => {
  it("tell a changed secret from an unchanged one without knowing either", () => {
    expect(sameValue({ a: [new Secret("x")] }, { a: [new Secret("x")] })).toBe(true);
    expect(sameValue({ a: [new Secret("x")] }, { a: [new Secret("y")] })).toBe(false);
    expect(sameValue(new Secret("x"), "x")).toBe(false);
    expect(sameValue(new Secret("x"), new Secret(undefined))).toBe(false);
  });

  it("tell an absent property from an empty one", () => {
    expect(sameValue({ a: null }, { b: null })).toBe(false);
    expect(sameValue([], {})).toBe(false);
    expect(sameValue(UNKNOWN, "[unknown]")).toBe(false);
    expect(sameValue({ a: UNKNOWN }, { a: UNKNOWN })).toBe(true);
  });

  it("keep a name with colons in it whole", () => {
    const parts = { stack: "dev", project: "clinic", type: "test:x:Thing", name: "a::b" };
    expect(parseUrn(makeUrn(parts, undefined))?.name).toBe("a::b");
  });
});
