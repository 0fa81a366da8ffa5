/**
 * A terminal in which a page's commands are typed: a real bash and a real Pulumi, with `gcloud` and `docker` that act on
 * a simulated cloud.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { environment } from "./pulumi.ts";
import type { World } from "./world.ts";

/** A program of the terminal. @returns what it prints @throws what it prints when it fails */
export type Command = (args: readonly string[], input: string) => string;

export class Terminal {
  readonly #shell: ChildProcessWithoutNullStreams;
  readonly #server: Server;
  readonly #closed: Promise<false>;
  #printed = "";

  private constructor(shell: ChildProcessWithoutNullStreams, server: Server) {
    this.#shell = shell;
    this.#server = server;
    this.#closed = once(shell, "close").then(() => false);
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.#printed += chunk.toString();
      });
    }
  }

  /** Opens a shell in a world's project, in which these commands are there besides Pulumi. */
  static async open(world: World, commands: Readonly<Record<string, Command>>): Promise<Terminal> {
    const server = await served(commands);
    const bin = join(world.directory, "bin");
    await mkdir(bin);
    for (const name of Object.keys(commands)) {
      await writeFile(join(bin, name), forward(name, (server.address() as AddressInfo).port));
      await chmod(join(bin, name), 0o755);
    }
    const { PULUMI_BACKEND_URL: _, PULUMI_STACK: __, ...env } = environment(world.invocation);
    const shell = spawn("bash", ["--noprofile", "--norc"], {
      cwd: world.directory,
      // Nobody is there to press a key, and the page shows what one types.
      env: { ...env, PATH: [bin, env.PATH].join(delimiter), PULUMI_SKIP_CONFIRMATIONS: "true" },
    });
    return new Terminal(shell, server);
  }

  /**
   * Types a block, as it is on the page.
   *
   * @param answer what is typed when a command asks
   * @returns what was printed
   * @throws with that, when a line fails
   */
  async type(block: string, answer?: string): Promise<string> {
    const from = this.#printed.length;
    const end = `typed-${from}`;
    this.#shell.stdin.write(`set -e\n${block.trimEnd()}\n${answer === undefined ? "" : `${answer}\n`}echo ${end}\n`);
    while (!this.#printed.includes(`${end}\n`, from)) {
      const still = await Promise.race([once(this.#shell.stdout, "data").then(() => true), this.#closed]);
      if (!still) throw new Error(`${block}\nended the shell: ${this.#printed.slice(from)}`);
    }
    return this.#printed.slice(from).replace(`${end}\n`, "");
  }

  close(): void {
    this.#shell.kill();
    this.#server.close();
  }
}

async function served(commands: Readonly<Record<string, Command>>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { name, args, input } = JSON.parse(await text(request)) as { name: string; args: string[]; input: string };
    try {
      response.end(commands[name]?.(args, input));
    } catch (error) {
      response.writeHead(400).end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

/** A command that only passes on what it was called with. What is no terminal is read to its end, as `--data-file=-` does. */
const forward = (name: string, port: number): string => `#!/usr/bin/env node
const { readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const input = args.some((arg) => arg.endsWith("=-")) ? readFileSync(0, "utf8") : "";
fetch("http://127.0.0.1:${port}", { method: "POST", body: JSON.stringify({ name: "${name}", args, input }) })
  .then(async (answer) => {
    const stream = answer.ok ? process.stdout : process.stderr;
    stream.write(await answer.text());
    process.exitCode = answer.ok ? 0 : 1;
  });
`;
