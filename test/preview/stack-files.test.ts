import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isStandIn } from "../../domain/settings/opaque.ts";
import { listStacks, readStack, StackFileError } from "../../preview/stack/stack-files.ts";

const PROJECT = `name: clinic
runtime: { name: nodejs, options: { typescript: false } }
config:
  workers: { type: object, default: {} }
`;

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

function project(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), "stack-files-"));
  made.push(directory);
  for (const [name, text] of Object.entries({ "Pulumi.yaml": PROJECT, ...files })) {
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const read = async (config: string, more: Record<string, string> = {}) =>
  await readStack(project({ "Pulumi.dev.yaml": config, ...more }), "dev");

async function problems(config: string, more: Record<string, string> = {}): Promise<readonly string[]> {
  try {
    await read(config, more);
  } catch (error) {
    if (error instanceof StackFileError) return error.message.split("\n");
    throw error;
  }
  throw new Error("nothing was found wrong");
}

describe("a stack's settings", () => {
  it("reach the program as the CLI would pass them, or a preview would show another deployment", async () => {
    const { config } = await read(`config:
  gcp:project: clinic-1
  plain: text
  clinic:count: 3
  clinic:on: true
  clinic:nothing:
  clinic:config:old: spelling
  clinic:list: [1, two, true]
  clinic:workers: { zeta: { cpu: 2 }, alpha: "<a & b>" }
`);
    expect(config).toEqual({
      "gcp:project": "clinic-1",
      "clinic:plain": "text",
      "clinic:count": "3",
      "clinic:on": "true",
      "clinic:nothing": "",
      "clinic:old": "spelling",
      "clinic:list": '[1,"two",true]',
      "clinic:workers": '{"alpha":"\\u003ca \\u0026 b\\u003e","zeta":{"cpu":2}}',
    });
  });

  it("take the project's defaults where they are silent", async () => {
    const more = {
      "Pulumi.yaml": `${PROJECT}  region: us-central1\n  size: { type: integer, default: 2 }\n  gcp:zone: { value: b }\n`,
    };
    expect((await read("config: { clinic:size: 4 }", more)).config).toEqual({
      "clinic:workers": "{}",
      "clinic:region": "us-central1",
      "clinic:size": "4",
      "gcp:zone": "b",
    });
    expect((await read("", more)).config["clinic:size"]).toBe("2");
  });

  it.each([
    ["2026-12-25", "2026-12-25 00:00:00 +0000 UTC"],
    ['"2026-12-25"', "2026-12-25"],
    ["2026-1-5", "2026-01-05 00:00:00 +0000 UTC"],
    ["2026-02-30", "2026-02-30"],
    ["2026-12-25T10:00:00+05:00", "2026-12-25 10:00:00 +0500 +0500"],
    ["09:00", "09:00"],
    ["yes", "yes"],
    ["0777", 511],
    ["1_000", 1000],
    ["0x1F", 31],
    ["0b101", 5],
    ["-0X1f", -31],
    ["0_7", 7],
    ["1_000.5", 1000.5],
    ["!!str 017", "017"],
    ["1.50", 1.5],
    ["~", null],
  ])("show %s as the CLI's parser reads it, so that a forgotten quote is found before `up`", async (text, value) => {
    const { config } = await read(`config:\n  clinic:workers: { written: ${text} }\n`);
    expect(JSON.parse(config["clinic:workers"] ?? "")).toEqual({ written: value });
  });

  it("may share parts by anchors and merge keys", async () => {
    const { config } = await read("config:\n  clinic:workers: { a: &a { cpu: 1 }, b: { <<: *a, memory: 2Gi } }\n");
    expect(JSON.parse(config["clinic:workers"] ?? "")).toEqual({ a: { cpu: 1 }, b: { cpu: 1, memory: "2Gi" } });
  });

  it("keep an encrypted value out of sight, and mark its whole key as secret", async () => {
    const { config, secretKeys } = await read(`config:
  clinic:open: text
  clinic:password: { secure: AAABAcipher== }
  clinic:workers: { a: { key: { secure: AAABAother== } } }
`);
    expect(secretKeys).toEqual(["clinic:password", "clinic:workers"]);
    expect(isStandIn(config["clinic:password"] ?? "")).toBe(true);
    const leaf = JSON.parse(config["clinic:workers"] ?? "").a.key;
    expect(isStandIn(leaf)).toBe(true);
    expect(leaf).not.toBe(config["clinic:password"]);
    expect(JSON.stringify(config)).not.toContain("AAABA");
  });

  it("show that an encrypted value was exchanged", async () => {
    const placeholder = async (cipher: string) =>
      (await read(`config: { clinic:password: { secure: ${cipher} } }`)).config["clinic:password"];
    expect(await placeholder("AAABAone")).toBe(await placeholder("AAABAone"));
    expect(await placeholder("AAABAone")).not.toBe(await placeholder("AAABAtwo"));
  });
});

describe("a file that cannot be used", () => {
  it("is named with its line when a key is given twice, of which one would silently win", async () => {
    expect(await problems("config:\n  clinic:workers: {}\n  clinic:workers: { a: {} }\n")).toEqual([
      'Pulumi.dev.yaml:3  "clinic:workers" is given twice in one mapping; only one of them can hold',
    ]);
    expect(await problems("config:\n  clinic:workers: {}\n  workers: { a: {} }\n")).toEqual([
      'Pulumi.dev.yaml  "clinic:workers" is given twice, once without its namespace',
    ]);
  });

  it("is named with its line when it is not YAML", async () => {
    expect((await problems("config:\n  a: [1, 2\n  b: 3\n"))[0]).toMatch(
      /^Pulumi\.dev\.yaml:\d {2}is not valid YAML: /,
    );
  });

  it.each([
    ["2028", "a line separator, at which the CLI ends the line"],
    ["0085", "a next line, likewise"],
    ["0007", "a control character, which the CLI refuses"],
    ["000d", "a carriage return alone"],
  ])("is refused for U+%s, %s", async (code) => {
    const character = String.fromCodePoint(Number.parseInt(code, 16));
    expect(await problems(`config:\r\n  a: "x ${character} y"\n`)).toEqual([
      expect.stringMatching(`^Pulumi\\.dev\\.yaml:2 {2}has the character U\\+${code.toUpperCase()}, .*"\\\\u${code}"`),
    ]);
    expect((await read(`config: { clinic:a: "x \\u${code} y" }`)).config["clinic:a"]).toBe(`x ${character} y`);
  });

  const pasted = "hunter2SECRETPASTE";
  it.each([
    ["a text on the same line as |", `a: |${pasted}`],
    ["a text on the same line as >", `a: >${pasted}`],
    ["a tag", `a: !${pasted} x`],
    ["a tag of a list", `a: !${pasted} [x]`],
    ["a tag with a handle", `a: !${pasted}!x y`],
    ["a tag that is no URI", `a: !<${pasted}`],
    ["an anchor twice", `a: &${pasted} &${pasted} x`],
    ["an alias with an anchor", `a: &x *${pasted}`],
    ["an escape", `a: "\\q${pasted}"`],
    ["an escape that looks like hexadecimal", `a: "\\x${pasted}"`],
    ["a character that is reserved", `a: @${pasted}`],
    ["a reserved grave accent", `a: \`${pasted}`],
    ["a text after quotes", `a: "x"${pasted}`],
    ["a text after a list", `a: [x] ${pasted}`],
    ["quotes that do not end", `a: "${pasted}`],
    ["braces that do not end", `a: { ${pasted}`],
    ["a comment without a space", `a: "x"#${pasted}`],
    ["a second colon", `a: ${pasted}: x: y`],
    ["a line without a colon", `a: x\n  ${pasted}\n  b`],
    ["a directive in the middle", `a: x\n---\n%${pasted} x\n`],
    ["a key that is given twice", `"${pasted} x": 1\n  "${pasted} x": 2`],
    ["one that looks like a key", `ghp_${"a1".repeat(20)}: 1\n  ghp_${"a1".repeat(20)}: ${pasted}`],
    ["a merge of what is no map", `<<: ${pasted}`],
  ])("does not show what may be a secret: %s", async (_, line) => {
    const told = await problems(`config:\n  ${line}\n`).catch(({ message }: Error) => [message]);
    expect(told.join("\n")).not.toMatch(/hunter2|SECRETPASTE|ghp_/);
  });

  it("says what is wrong and what helps, with the line", async () => {
    expect(await problems(`config:\n  serviceKey: |${pasted}\n`)).toContainEqual(
      "Pulumi.dev.yaml:2  is not valid YAML: something stands where nothing can: after a value, or after | or >, which begin a text on the next line. Put the value in quotes.",
    );
    expect(await problems("config:\n\ta: 1\n")).toContainEqual(
      expect.stringMatching(/^Pulumi\.dev\.yaml:2 {2}is not valid YAML: .*tab/),
    );
  });

  it("warns of nothing past the report, where a key that is a list would be shown", async () => {
    const warnings: string[] = [];
    const hear = ({ message }: Error) => void warnings.push(message);
    process.on("warning", hear);
    await read(`config: { clinic:a: { [${pasted}]: 1 } }`).catch(() => undefined);
    await new Promise(setImmediate);
    process.off("warning", hear);
    expect(warnings.join("\n")).not.toContain(pasted);
  });

  it("is refused when an anchor in it is nowhere, without showing what may be a secret without quotes", async () => {
    const [problem = ""] = await problems("config: { a: *hunter2 }");
    expect(problem).toMatch(/^Pulumi\.dev\.yaml {2}is not valid YAML: .*Put the value in quotes\.$/);
    expect(problem).not.toContain("hunter2");
  });

  it("is missed with the stacks that there are", async () => {
    const directory = project({ "Pulumi.prod.yaml": "", "Pulumi.staging.yaml": "" });
    await expect(readStack(directory, "prd")).rejects.toThrow(
      "Pulumi.prd.yaml  there is no such stack. The stacks are: prod, staging.",
    );
    expect(await listStacks(directory)).toEqual(["prod", "staging"]);
  });

  it("is missed when it is the project's own", async () => {
    await expect(listStacks(tmpdir())).rejects.toThrow(/^Pulumi\.yaml {2}there is none in /);
  });

  it("is told of every key that is missing, of the wrong type or in the open, at once", async () => {
    const more = {
      "Pulumi.yaml": `${PROJECT}  owner: { type: string }\n  size: { type: integer }\n  token: { type: string, secret: true }\n`,
    };
    expect(await problems("config: { size: two, token: open, workers: [a] }", more)).toEqual([
      'Pulumi.dev.yaml  "clinic:workers" must be of type object, as Pulumi.yaml declares',
      'Pulumi.dev.yaml  "clinic:owner" is missing: Pulumi.yaml declares it without a default',
      'Pulumi.dev.yaml  "clinic:size" must be of type integer, as Pulumi.yaml declares',
      'Pulumi.dev.yaml  "clinic:token" must be encrypted (pulumi config set --secret): Pulumi.yaml says so',
    ]);
  });

  it("is refused when its program is not for Node", async () => {
    expect(await problems("", { "Pulumi.yaml": "name: clinic\nruntime: python\n" })).toEqual([
      'Pulumi.yaml  runtime is "python"; only nodejs programs can be previewed',
    ]);
  });
});
