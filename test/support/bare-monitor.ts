/**
 * A monitor that only acknowledges: the least that the SDK needs to register a resource. What a preview costs is
 * measured against it, through the same launcher.
 */
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import monitorService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import type { Service } from "../../preview/host/serve.ts";

export interface BareMonitor {
  readonly services: readonly Service[];
  /** How many resources it has acknowledged. */
  readonly count: number;
  /** How many messages it was told, debugging included. */
  readonly logged: number;
}

export function bareMonitor(): BareMonitor {
  let count = 0;
  let logged = 0;

  const acknowledge =
    <Request, Response>(respond: (request: Request) => Response) =>
    (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void =>
      callback(null, respond(call.request));
  const nothing = acknowledge(() => new empties.Empty());

  const { ResourceMonitorFeature: feature } = messages;
  const monitor = {
    getDeploymentInfo: acknowledge(() => {
      const info = new messages.DeploymentInfo();
      info.setDryrun(true);
      info.setSupportedfeaturesList([
        feature.RESOURCE_MONITOR_FEATURE_SECRETS,
        feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
        feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
      ]);
      return info;
    }),
    registerResource: acknowledge((request: RegisterResourceRequest) => {
      count += 1;
      const response = new messages.RegisterResourceResponse();
      response.setUrn(`urn:pulumi:bare::bare::${request.getType()}::${request.getName()}`);
      return response;
    }),
    registerResourceOutputs: nothing,
    signalAndWaitForShutdown: nothing,
  };
  const engine = {
    log: acknowledge(() => {
      logged += 1;
      return new empties.Empty();
    }),
    setRootResource: acknowledge(() => new engineMessages.SetRootResourceResponse()),
  };

  return {
    services: [
      { definition: monitorService.ResourceMonitorService, implementation: monitor },
      { definition: engineService.EngineService, implementation: engine },
    ],
    get count() {
      return count;
    },
    get logged() {
      return logged;
    },
  };
}
