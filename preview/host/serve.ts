/** Services of ours for a program or an engine on this machine, over gRPC on a loopback port. */
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import grpc from "@grpc/grpc-js";

/** As the SDK's own (runtime/settings.js): a dashboard is large, and a busy program may leave a call waiting. */
const SERVER_OPTIONS = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
  "grpc.server_max_unrequested_time_in_server": 30 * 60,
};

export interface Service {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface Served {
  readonly port: number;
  /** Ends every call at once. */
  readonly close: () => void;
}

export async function serve(services: readonly Service[]): Promise<Served> {
  const server = new grpc.Server(SERVER_OPTIONS);
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  const port = await new Promise<number>((found, failed) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? found(bound) : failed(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}
