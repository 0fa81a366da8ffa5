/**
 * The simulated provider as the engine calls it: over gRPC, for `gcp` and `random` alike.
 *
 * Attached through PULUMI_DEBUG_PROVIDERS: the engine dials a port instead of starting a plugin, so that the cloud
 * lives in the test's own process. Written against the CLI 3.259.0 (proto/pulumi/provider.proto).
 */
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { UNKNOWN_ON_WIRE } from "../../../preview/engine/wire.ts";
import { type Served, serve } from "../../../preview/host/serve.ts";
import { type Addressed, Broken, type SimulatedProvider } from "./provider.ts";
import type { Attributes } from "./resource-type.ts";

export function serveProvider(provider: SimulatedProvider): Promise<Served> {
  return served(methodsOf(provider));
}

/** A provider that is there, and does nothing that it is asked. */
export function serveNothing(): Promise<Served> {
  return served({});
}

function served(methods: Readonly<Record<string, unknown>>): Promise<Served> {
  const definition: grpc.ServiceDefinition = providerService.ResourceProviderService;
  const implementation = Object.keys(definition).map((name) => [name, methods[name] ?? unimplemented]);
  return serve([{ definition, implementation: Object.fromEntries(implementation) }]);
}

function methodsOf(provider: SimulatedProvider) {
  return {
    attach: answer(() => new empties.Empty()),
    cancel: answer(() => new empties.Empty()),
    getPluginInfo: answer(() => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion("0.0.0");
      return info;
    }),
    checkConfig: answer(asGiven),
    diffConfig: answer(() => new messages.DiffResponse()),
    configure: answer(() => {
      const response = new messages.ConfigureResponse();
      response.setSupportspreview(true);
      // The engine then takes secrets out, and marks what comes back by the same name itself.
      response.setAcceptsecrets(false);
      return response;
    }),
    check: answer(asGiven),

    diff: answer((request: DiffRequest) => {
      const { type } = addressed(request.getUrn());
      const before = read(request.getOlds());
      const { changed, replaced, deleteBeforeReplace } = provider.diff(type, before, read(request.getNews()));
      const response = new messages.DiffResponse();
      const { DiffChanges } = messages.DiffResponse;
      response.setChanges(changed.length === 0 ? DiffChanges.DIFF_NONE : DiffChanges.DIFF_SOME);
      response.setDeletebeforereplace(deleteBeforeReplace);
      response.setDiffsList([...new Set(changed.map((path) => path.split(/[.[]/)[0] ?? path))]);
      response.setReplacesList([...replaced]);
      response.setHasdetaileddiff(true);
      for (const path of changed) response.getDetaileddiffMap().set(path, difference(replaced.includes(path)));
      return response;
    }),

    create: answer(async (request: CreateRequest) => {
      const inputs = read(request.getProperties());
      const resource = addressed(request.getUrn());
      const response = new messages.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(written(provider.planned(resource.type, inputs, undefined, UNKNOWN_ON_WIRE)));
        return response;
      }
      const { id, outputs } = await provider.create(resource, inputs);
      response.setId(id);
      response.setProperties(written(outputs));
      return response;
    }),

    update: answer(async (request: UpdateRequest) => {
      const [before, inputs] = [read(request.getOlds()), read(request.getNews())];
      const resource = addressed(request.getUrn());
      const response = new messages.UpdateResponse();
      const outputs = request.getPreview()
        ? provider.planned(resource.type, inputs, before, UNKNOWN_ON_WIRE)
        : (await provider.update(resource, request.getId(), before, inputs)).outputs;
      response.setProperties(written(outputs));
      return response;
    }),

    read: answer(async (request: ReadRequest) => {
      const resource = addressed(request.getUrn());
      const there = await provider.read(resource, request.getId(), read(request.getProperties()));
      const response = new messages.ReadResponse();
      if (there === undefined) return response; // without an id: it is gone
      response.setId(request.getId());
      response.setProperties(written(there));
      response.setInputs(written(provider.inputsOf(resource.type, there, read(request.getInputs()))));
      return response;
    }),

    delete: answer(async (request: DeleteRequest) => {
      await provider.delete(addressed(request.getUrn()), request.getId(), read(request.getProperties()));
      return new empties.Empty();
    }),
  };
}

function asGiven(request: CheckRequest) {
  const response = new messages.CheckResponse();
  response.setInputs(request.getNews());
  return response;
}

function difference(replaces: boolean) {
  const { Kind } = messages.PropertyDiff;
  const found = new messages.PropertyDiff();
  found.setKind(replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE);
  return found;
}

const answer =
  <Asked, Answered>(respond: (request: Asked) => Answered | Promise<Answered>) =>
  async (call: ServerUnaryCall<Asked, Answered>, callback: sendUnaryData<Answered>): Promise<void> => {
    try {
      callback(null, await respond(call.request));
    } catch (error) {
      callback(failure(error));
    }
  };

/** An error with a resource in its details leaves that in the state, marked as not initialised. */
function failure(error: unknown): Partial<grpc.StatusObject> {
  const details = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Broken)) return { code: grpc.status.UNKNOWN, details };
  const made = new messages.ErrorResourceInitFailed();
  made.setId(error.made.id);
  made.setProperties(written(error.made.outputs));
  made.setReasonsList([details]);
  const packed = new anys.Any();
  packed.pack(made.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusMessages.Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(details);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details, metadata };
}

const unimplemented = (_: unknown, callback: sendUnaryData<never>): void =>
  callback({ code: grpc.status.UNIMPLEMENTED });

/** `urn:pulumi:prod::agent-worker::a:b:Parent$gcp:x/y:Z::name`: type and name of the resource itself. */
function addressed(urn: string): Addressed {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

const read = (message: structs.Struct | undefined): Attributes => (message?.toJavaScript() ?? {}) as Attributes;

const written = (attributes: Attributes): structs.Struct =>
  structs.Struct.fromJavaScript(JSON.parse(JSON.stringify(attributes)) as Record<string, structs.JavaScriptValue>);
