/**
 * The resource monitor and the engine that the Pulumi Node SDK talks to, as gRPC services: the wire on one side, the
 * `Registry` on the other.
 *
 * It has no providers and no state. Whatever would need one (a data source, an existing resource, a callback during
 * the deployment) is refused aloud, never answered with a guess.
 *
 * Written against SDK 3.259.0 (`@pulumi/pulumi/proto`, runtime/settings.js, runtime/resource.js).
 */
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb.js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import monitorService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import type {
  ReadResourceRequest,
  RegisterPackageRequest,
  RegisterResourceHookRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceCallRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import type { SourcePosition as SourceMessage } from "@pulumi/pulumi/proto/source_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type { Service } from "../host/serve.ts";
import { atSource, type DeclaredStack, type Diagnostic, type SourcePosition } from "../resources.ts";
import { Diagnostics } from "./diagnostics.ts";
import { Refusal, type Registration, Registry, type StackIdentity } from "./registry.ts";
import { type AliasSpec, STACK_TYPE } from "./urn.ts";
import { answerProperties, readProperties } from "./wire.ts";

/** What the SDK may use. It asks for features by number, or one by one by name if the monitor is older. */
const FEATURES = {
  secrets: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  deletedWith: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replaceWith: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  parameterization: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
  // Claimed so that their use reaches us and is refused in our words; without them the SDK says "update the CLI".
  transforms: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
  invokeTransforms: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
  resourceHooks: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
  errorHooks: messages.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
} as const;

export interface Monitor {
  readonly services: readonly Service[];
  /** What was refused so far, in order. With any of these the preview has failed, whatever the program does next. */
  readonly refusals: readonly string[];
  /** True once the program has run to its end and said so. */
  readonly complete: boolean;
  declared(): DeclaredStack;
  readonly diagnostics: readonly Diagnostic[];
}

export interface MonitorOptions extends StackIdentity {
  /** Absolute; source positions are shown relative to it. */
  readonly projectDir: string;
  /** Called at each refusal, so that the program can be ended: the SDK may otherwise wait for ever. */
  readonly onRefusal: () => void;
}

export function resourceMonitor(options: MonitorOptions): Monitor {
  const registry = new Registry(options);
  const diagnostics = new Diagnostics();
  const refusals: string[] = [];
  let shutDown = false;
  let rootUrn = "";

  function refuse(message: string): never {
    throw new Refusal(message);
  }

  function answer<Request, Response>(respond: (request: Request) => Response) {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      try {
        callback(null, respond(call.request));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refusals.push(error.message);
        callback({ code: grpc.status.INVALID_ARGUMENT, details: error.message });
        options.onRefusal();
      }
    };
  }

  const positionOf = (source: SourceMessage | undefined): SourcePosition | undefined =>
    readPosition(source, options.projectDir);

  const monitor = {
    getDeploymentInfo: answer(() => {
      const info = new messages.DeploymentInfo();
      info.setProject(options.project);
      info.setStack(options.stack);
      info.setDryrun(true);
      info.setSupportedfeaturesList(Object.values(FEATURES));
      return info;
    }),

    supportsFeature: answer((request: SupportsFeatureRequest) => {
      const response = new messages.SupportsFeatureResponse();
      response.setHassupport(Object.hasOwn(FEATURES, request.getId()));
      return response;
    }),

    registerResource: answer((request: RegisterResourceRequest) => {
      const wanted = readRegistration(request, positionOf(request.getSourceposition()));
      if (request.getRemote()) {
        refuse(
          `${wanted.name} [${wanted.type}] is a component of another package: its plugin would have to run to know what it declares.`,
        );
      }
      if (request.getTransformsList().length > 0) refuse(noTransforms(`${wanted.name} [${wanted.type}]`));
      const { urn, known } = registry.register(wanted);
      const response = new messages.RegisterResourceResponse();
      response.setUrn(urn);
      if (wanted.importId !== undefined) response.setId(wanted.importId);
      if (wanted.custom) {
        response.setObject(answerProperties(request.getObject(), known, wanted.additionalSecretOutputs));
      }
      return response;
    }),

    registerResourceOutputs: answer((request: RegisterResourceOutputsRequest) => {
      registry.registerOutputs(request.getUrn(), readProperties(request.getOutputs()));
      return new empties.Empty();
    }),

    invoke: answer((request: ResourceInvokeRequest) =>
      refuse(
        request.getTok() === "pulumi:pulumi:getResource"
          ? "a resource is looked up by its URN in the state of the stack, and a preview here has no state. Pass the resource itself."
          : `${request.getTok()}${atSource(positionOf(request.getSourceposition()))} is a data-source call: it asks the cloud for an answer, and this preview runs without ` +
              "credentials. Build the value from settings instead.",
      ),
    ),

    call: answer((request: ResourceCallRequest) =>
      refuse(
        `${request.getTok()} calls a method of a provider: it asks the cloud for an answer, and this preview runs ` +
          "without credentials. Build the value from settings instead.",
      ),
    ),

    readResource: answer((request: ReadResourceRequest) =>
      refuse(
        request.getType() === "pulumi:pulumi:StackReference"
          ? `StackReference "${request.getName()}" reads the outputs of another stack, and this preview has no ` +
              "state and no credentials. Pass the values as settings."
          : `${request.getName()} [${request.getType()}]${atSource(positionOf(request.getSourceposition()))} is read from the ` +
              "cloud with get(), and this preview runs without credentials. Declare it, or build what is needed of it from settings.",
      ),
    ),

    registerStackTransform: answer(() => refuse(noTransforms("the stack"))),
    registerStackInvokeTransform: answer(() => refuse(noTransforms("the stack's invokes"))),

    // A hook that is not meant for previews is not run by a real preview either, so taking note of it is enough.
    registerResourceHook: answer((request: RegisterResourceHookRequest) =>
      request.getOnDryRun()
        ? refuse(
            `the resource hook "${request.getName()}" wants to run in previews (onDryRun), and this one cannot run hooks.`,
          )
        : new empties.Empty(),
    ),
    // Error hooks run when the cloud refuses something, which a preview never sees.
    registerErrorHook: answer(() => new empties.Empty()),

    registerPackage: answer((request: RegisterPackageRequest) => {
      const response = new messages.RegisterPackageResponse();
      response.setRef(`${request.getName()}@${request.getVersion()}`);
      return response;
    }),

    signalAndWaitForShutdown: answer(() => {
      shutDown = true;
      return new empties.Empty();
    }),
  };

  const severities: Readonly<Record<number, Diagnostic["severity"]>> = {
    [engineMessages.LogSeverity.INFO]: "info",
    [engineMessages.LogSeverity.WARNING]: "warning",
    [engineMessages.LogSeverity.ERROR]: "error",
  };

  const engine = {
    log: answer((request: LogRequest) => {
      const severity = severities[request.getSeverity()]; // absent for debug: several a resource, of no use to anyone
      if (severity !== undefined && !request.getEphemeral()) {
        diagnostics.add({ severity, message: request.getMessage(), urn: request.getUrn() });
      }
      return new empties.Empty();
    }),
    getRootResource: answer(() => {
      const response = new engineMessages.GetRootResourceResponse();
      response.setUrn(rootUrn);
      return response;
    }),
    setRootResource: answer((request: SetRootResourceRequest) => {
      rootUrn = request.getUrn();
      return new engineMessages.SetRootResourceResponse();
    }),
    startDebugging: answer(() => new empties.Empty()),
    // There is no CLI whose version could be wrong.
    requirePulumiVersion: answer(() => new engineMessages.RequirePulumiVersionResponse()),
  };

  return {
    services: [
      { definition: monitorService.ResourceMonitorService, implementation: monitor },
      { definition: engineService.EngineService, implementation: engine },
    ],
    refusals,
    get complete() {
      return shutDown && registry.complete;
    },
    declared: () => registry.declared(diagnostics.all),
    get diagnostics() {
      return diagnostics.all;
    },
  };
}

function noTransforms(what: string): string {
  return (
    `${what} has transforms: functions that the engine calls back to change resources, which this preview cannot do. ` +
    "Use transformations, which run inside the program."
  );
}

/** Reads a registration; the wire's empty strings become absent fields. */
function readRegistration(request: RegisterResourceRequest, source: SourcePosition | undefined): Registration {
  const type = request.getType();
  const dependencies: Record<string, readonly string[]> = {};
  request.getPropertydependenciesMap().forEach((urns, property) => {
    if (urns.getUrnsList().length > 0) dependencies[property] = urns.getUrnsList();
  });
  return {
    type,
    name: request.getName(),
    custom: request.getCustom(),
    // The stack's own arguments are its program, which the SDK hands over as a property without a value.
    inputs: type === STACK_TYPE ? {} : readProperties(request.getObject(), request.getAdditionalsecretoutputsList()),
    dependencies: request.getDependenciesList(),
    propertyDependencies: dependencies,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...request.getAliasesList().map(readAlias)],
    providers: Object.fromEntries(request.getProvidersMap().toObject() as [string, string][]),
    ...(request.getParent() !== "" && { parent: request.getParent() }),
    ...(request.hasProtect() && { protect: request.getProtect() === true }),
    ...(request.hasRetainondelete() && { retainOnDelete: request.getRetainondelete() === true }),
    ...(request.getDeletebeforereplacedefined() && { deleteBeforeReplace: request.getDeletebeforereplace() }),
    ...(request.getDeletedwith() !== "" && { deletedWith: request.getDeletedwith() }),
    ...(request.getVersion() !== "" && { version: request.getVersion() }),
    ...(request.getProvider() !== "" && { provider: request.getProvider() }),
    ...(request.getImportid() !== "" && { importId: request.getImportid() }),
    ...(source !== undefined && { source }),
  };
}

function readAlias(alias: Alias): AliasSpec {
  const spec = alias.getSpec();
  if (spec === undefined) return { urn: alias.getUrn() };
  const parent = spec.getNoparent() ? "none" : spec.getParenturn();
  return {
    ...(spec.getName() !== "" && { name: spec.getName() }),
    ...(spec.getType() !== "" && { type: spec.getType() }),
    ...(spec.getStack() !== "" && { stack: spec.getStack() }),
    ...(spec.getProject() !== "" && { project: spec.getProject() }),
    ...(parent !== "" && { parent }),
  };
}

/** Best effort: the SDK guesses the frame, and in an ES module wraps its URL once more in one of the directory. */
function readPosition(source: SourceMessage | undefined, projectDir: string): SourcePosition | undefined {
  const uri = source?.getUri() ?? "";
  const start = uri.lastIndexOf("file:/");
  if (source === undefined || start < 0 || uri.includes("/node_modules/")) return undefined;
  const file = relative(projectDir, fileURLToPath(uri.slice(start).replace(/^file:\/+/, "file:///")));
  return isAbsolute(file) ? undefined : { file, line: source.getLine() };
}
