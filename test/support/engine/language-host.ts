/**
 * A language host for Node programs, for machines whose Pulumi CLI came without one (the CLI's module is served as
 * source, the host's is not). It does what `pulumi-language-nodejs` does for a program that Node runs itself: starts
 * the SDK's own runner, and tells the engine how that ended (github.com/pulumi/pulumi, sdk/nodejs/cmd/
 * pulumi-language-nodejs/main.go; proto/pulumi/language.proto). Written against 3.259.0.
 *
 * The CLI finds it on PATH by its name, in `bin/`.
 */
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type {
  InstallDependenciesRequest,
  LanguageHandshakeRequest,
  RunPluginRequest,
  RunRequest,
} from "@pulumi/pulumi/proto/language_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import { serve } from "../../../preview/host/serve.ts";

/** The SDK has told the engine already what is wrong. */
const BAIL = 32;

let engine = process.argv.at(-1) ?? "";

const answer =
  <Request, Response>(respond: (request: Request) => Response | Promise<Response>) =>
  async (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): Promise<void> => {
    try {
      callback(null, await respond(call.request));
    } catch (error) {
      callback({ code: grpc.status.INTERNAL, details: String(error) });
    }
  };

const host: Record<string, unknown> = {
  handshake: answer((request: LanguageHandshakeRequest) => {
    engine = request.getEngineAddress();
    return new messages.LanguageHandshakeResponse();
  }),
  getPluginInfo: answer(() => {
    const info = new pluginMessages.PluginInfo();
    info.setVersion("3.259.0");
    return info;
  }),
  getRequiredPackages: answer(() => new messages.GetRequiredPackagesResponse()),
  getRequiredPlugins: answer(() => new messages.GetRequiredPluginsResponse()),
  getProgramDependencies: answer(() => new messages.GetProgramDependenciesResponse()),
  about: answer(() => new messages.AboutResponse()),
  runtimeOptionsPrompts: answer(() => new messages.RuntimeOptionsResponse()),
  // What a program needs is installed by `npm ci`.
  installDependencies: (call: ServerWritableStream<InstallDependenciesRequest, unknown>) => call.end(),
  run: answer(run),
  runPlugin,
};

/**
 * Serves a policy pack until it ends: everything that it prints goes to the engine, which reads the pack's port in it.
 */
function runPlugin(call: ServerWritableStream<RunPluginRequest, unknown>): void {
  const request = call.request;
  const kind = request.getKind();
  if (kind !== "analyzer") {
    call.destroy(Object.assign(new Error(`a plugin of kind ${kind}`), { code: grpc.status.UNIMPLEMENTED }));
    return;
  }
  // Its packages are found from where it really is.
  const pack = realpathSync(request.getInfo()?.getProgramDirectory() ?? request.getPwd());
  const child = spawn(process.execPath, [module("run-policy-pack", pack), ...request.getArgsList(), pack], {
    cwd: pack,
    env: { ...process.env, ...variables(request.getEnvList()) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tell = (fill: (response: InstanceType<typeof messages.RunPluginResponse>) => void) => {
    const response = new messages.RunPluginResponse();
    fill(response);
    call.write(response);
  };
  child.stdout.on("data", (chunk: Buffer) => tell((response) => response.setStdout(chunk)));
  child.stderr.on("data", (chunk: Buffer) => tell((response) => response.setStderr(chunk)));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    tell((response) => response.setExitcode(code ?? 1));
    call.end();
  });
  // The engine ends the call when the command is over.
  call.once("cancelled", () => child.kill());
}

/** From lines such as `PULUMI_STACK=staging`. */
function variables(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

async function run(request: RunRequest) {
  const info = request.getInfo();
  if (info === undefined) throw new Error("the engine did not say which program to run");
  const directory = info.getProgramDirectory();
  const { code, signal } = await ended(
    process.execPath,
    [module("run", directory), ...runnerArguments(request, info.getRootDirectory()), info.getEntryPoint()],
    directory,
    {
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  );
  const response = new messages.RunResponse();
  if (code === BAIL) response.setBail(true);
  else if (code !== 0) response.setError(`the program ended with ${signal ?? `exit code ${code}`}`);
  return response;
}

/** One of the SDK's own runners, as a program or pack in some directory has it. */
function module(name: "run" | "run-policy-pack", directory: string): string {
  return createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${name}`);
}

function runnerArguments(request: RunRequest, root: string): readonly string[] {
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    "root-directory": root,
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  return [
    ...Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
  ];
}

/** What the program prints goes where this process prints: the engine shows it as the program's own. */
function ended(command: string, args: readonly string[], cwd: string, env: Record<string, string>) {
  return new Promise<{ code: number | null; signal: string | null }>((done, failed) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", failed);
    child.once("exit", (code, signal) => done({ code, signal }));
  });
}

const unimplemented = (_: unknown, callback: sendUnaryData<never>): void =>
  callback({ code: grpc.status.UNIMPLEMENTED });

const definition: grpc.ServiceDefinition = languageService.LanguageRuntimeService;
const methods = Object.keys(definition).map((method) => [method, host[method] ?? unimplemented]);
const { port } = await serve([{ definition, implementation: Object.fromEntries(methods) }]);
console.log(port);
