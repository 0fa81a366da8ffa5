/**
 * Loaded into the program's process before the SDK. It puts a very long configuration together (`launcher.ts`), and
 * leaves out two things that serve the SDK's own developers alone and take two thirds of the time (measured, SDK
 * 3.259.0, 700 resources on two busy cores: 8.0 s with them, 2.5 s without):
 *
 * - a stack trace for every promise, of which a resource has four a property, written out through source maps;
 * - five debug messages a resource, each of which waits for the answer to the one before. Nobody reads them here.
 *
 * The program and everything it can observe stay the same, errors keep their stacks, and so does the SDK's search for
 * promises that were left behind. Should a later SDK be built differently, nothing happens but the longer time.
 */
"use strict";
const { dirname, join } = require("node:path");

/** The launcher's pieces, of a configuration too long for one variable. */
const pieces = Object.keys(process.env).filter((name) => /^AGENT_WORKER_PREVIEW_CONFIG_\d+$/.test(name));
if (pieces.length > 0) {
  process.env.PULUMI_CONFIG = pieces.map((_, i) => process.env[`AGENT_WORKER_PREVIEW_CONFIG_${i}`]).join("");
  for (const name of pieces) delete process.env[name];
}

/** The SDK's `cmd/run/index.js` is what Node was asked to run. */
const sdk = join(dirname(process.argv[1]), "../..");

try {
  const log = require(join(sdk, "log/index.js"));
  if (typeof log.debug === "function") log.debug = () => Promise.resolve();

  const debuggable = require(join(sdk, "runtime/debuggable.js"));
  const original = debuggable.debuggablePromise;
  if (typeof original === "function") {
    debuggable.debuggablePromise = (promise, context) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      try {
        return original(promise, context);
      } finally {
        Error.stackTraceLimit = limit;
      }
    };
  }
} catch {
  // Another layout: run as it is.
}
