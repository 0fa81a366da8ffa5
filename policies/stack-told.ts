/**
 * What the engine tells a pack of the stack that it is started for.
 *
 * It comes in one message before everything else, with the stack's whole configuration, of which @pulumi/policy 1.21
 * hands on the tags alone (server.js); and a pack's environment has no PULUMI_CONFIG, since it is the language host that
 * starts it (pkg/resource/plugin/analyzer_plugin.go, 3.259.0, read and measured November 2026). So we listen where the
 * message is read. Should it ever be read elsewhere we hear nothing, and what nobody told counts as the stricter: prod.
 */
import analyzer from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import { configurationOf } from "../domain/settings/configuration.ts";
import { factsOf } from "./facts.ts";
import type { StackFacts } from "./rule.ts";

/** @returns the facts, as far as the engine has told them yet */
export function listenToTheEngine(): () => StackFacts {
  let facts = factsOf(undefined);
  const message = analyzer.AnalyzerService.configureStack;
  const read = message.requestDeserialize;
  message.requestDeserialize = (bytes) => {
    const request = read(bytes);
    const values = Object.fromEntries(request.getConfigMap().getEntryList());
    // Decrypted secrets are among the values: nothing but the facts is kept.
    facts = factsOf(configurationOf(values, request.getProject()));
    return request;
  };
  return () => facts;
}
