import { expect, test } from "vitest";
import { unknownVariables } from "../../../runtime/settings/unknown.ts";

test.each<[Record<string, string>, readonly (readonly [string, string | undefined])[]]>([
  [{ AGENT_CAPACTIY: "4" }, [["AGENT_CAPACTIY", "AGENT_CAPACITY"]]],
  [{ agent_capacity: "4" }, [["agent_capacity", "AGENT_CAPACITY"]]],
  [{ ORPHAN_DETECTION_TRESHOLD: "60s" }, [["ORPHAN_DETECTION_TRESHOLD", "ORPHAN_DETECTION_THRESHOLD"]]],
  [{ MONGODB_URL: "x" }, [["MONGODB_URL", "MONGODB_URI"]]],
  [{ MONGODB_URL: "x", MONGODB_URI: "y" }, []],
  [
    { MONGO_URI: "x", AGENT_FOO: "y" },
    [
      ["AGENT_FOO", undefined],
      ["MONGO_URI", "MONGODB_URI"],
    ],
  ],
  [{ AGENT_VOICE: "x", LIVEKIT_URL: "y", PATH: "z" }, [["AGENT_VOICE", undefined]]],
  [{ AGENT_RUNTIME_SOCKET: "x", ENVIRONMENT: "production", AGENT_CONTRACT: "1" }, []],
])("a misspelled setting is not a default that nobody chose: %j", (env, found) => {
  expect(unknownVariables(env)).toEqual(found.map(([name, meant]) => ({ name, meant })));
});
