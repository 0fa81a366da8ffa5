/**
 * Values on the wire between the Pulumi SDK and a resource monitor.
 *
 * A value is a protobuf Struct in which the engine's special values are objects with a signature, and an unknown is
 * one fixed string (github.com/pulumi/pulumi, sdk/go/common/resource/properties.go; sdk/nodejs/runtime/rpc.ts).
 */
import type { Struct as StructMessage, Value as ValueMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { isSecret, type Properties, Secret, UNKNOWN, type Value } from "../resources.ts";

export const UNKNOWN_ON_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** The SDK marks a resource among the stack's outputs with this key, for the engine's display alone. */
const RESOURCE_AMONG_OUTPUTS = "@isPulumiResource";

/**
 * Reads properties from the wire; a secret's value is digested here and goes no further.
 *
 * @param secretKeys properties that are secret whatever the program says of them, as the provider's own package knows
 */
export function readProperties(struct: StructMessage | undefined, secretKeys: readonly string[] = []): Properties {
  const read: Record<string, Value> = {};
  struct?.getFieldsMap().forEach((message, key) => {
    if (key === RESOURCE_AMONG_OUTPUTS) return;
    const value = readValue(message);
    read[key] = secretKeys.includes(key) && !isSecret(value) ? secretOf(message) : value;
  });
  return read;
}

function readValue(value: ValueMessage): Value {
  const kind = structs.Value.KindCase;
  switch (value.getKindCase()) {
    case kind.STRING_VALUE: {
      const text = value.getStringValue();
      return text === UNKNOWN_ON_WIRE ? UNKNOWN : text;
    }
    case kind.NUMBER_VALUE:
      return value.getNumberValue();
    case kind.BOOL_VALUE:
      return value.getBoolValue();
    case kind.LIST_VALUE:
      return (value.getListValue()?.getValuesList() ?? []).map(readValue);
    case kind.STRUCT_VALUE:
      return readObject(value.getStructValue());
    default:
      return null;
  }
}

function readObject(struct: StructMessage | undefined): Value {
  const fields = struct?.getFieldsMap();
  const signature = fields?.get(SIGNATURE)?.getStringValue();
  switch (signature) {
    case undefined:
      return readProperties(struct);
    case SECRET:
      return secretOf(fields?.get("value"));
    case OUTPUT: {
      const value = fields?.get("value");
      if (fields?.get("secret")?.getBoolValue() === true) return secretOf(value);
      return value === undefined ? UNKNOWN : readValue(value);
    }
    case RESOURCE:
      return fields?.get("urn")?.getStringValue() ?? UNKNOWN;
    default: {
      const { [SIGNATURE]: _, ...content } = readProperties(struct);
      return { [signature === ASSET ? "asset" : signature === ARCHIVE ? "archive" : signature]: content };
    }
  }
}

/** A secret in which any part is unknown is unknown as a whole. The wire's own form serves as the one spelling. */
function secretOf(value: ValueMessage | undefined): Secret {
  const canonical = value === undefined ? UNKNOWN_ON_WIRE : JSON.stringify(value.toJavaScript());
  return new Secret(canonical.includes(UNKNOWN_ON_WIRE) ? undefined : canonical);
}

/**
 * What the provider would answer in a preview: the inputs as they are, what it can compute already, and its secret
 * outputs marked. Everything left out is unknown to the program: the SDK resolves a missing output so in a preview
 * (sdk/nodejs/runtime/rpc.ts, `resolveProperties`).
 *
 * @param inputs the request's own message; it is completed in place, since echoing it is by far the cheapest
 */
export function answerProperties(
  inputs: StructMessage | undefined,
  known: Readonly<Record<string, string>>,
  secretOutputs: readonly string[],
): StructMessage {
  const answer = inputs ?? new structs.Struct();
  const fields = answer.getFieldsMap();
  for (const [key, text] of Object.entries(known)) fields.set(key, stringMessage(text));
  for (const key of secretOutputs) {
    const value = fields.get(key) ?? stringMessage(UNKNOWN_ON_WIRE);
    if (value.getStructValue()?.getFieldsMap().get(SIGNATURE)?.getStringValue() === SECRET) continue;
    fields.set(key, secretMessage(value));
  }
  return answer;
}

function stringMessage(text: string): ValueMessage {
  const message = new structs.Value();
  message.setStringValue(text);
  return message;
}

function secretMessage(value: ValueMessage): ValueMessage {
  const struct = new structs.Struct();
  struct.getFieldsMap().set(SIGNATURE, stringMessage(SECRET)).set("value", value);
  const message = new structs.Value();
  message.setStructValue(struct);
  return message;
}
