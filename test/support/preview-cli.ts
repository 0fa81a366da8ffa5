import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { repository } from "./stack-previews.ts";

const cli = resolve(repository, "preview/cli.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** `npm run preview -- …` in some directory, 130 columns wide. */
export function startPreview(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...process.env, COLUMNS: "130", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)];
  const ended = new Promise<Ended>((done) => {
    child.once("close", (code) => done({ code, stdout: stdout(), stderr: stderr() }));
  });
  return { ended, kill: (signal) => void child.kill(signal) };
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (data: string) => {
    text += data;
  });
  return () => text;
}
