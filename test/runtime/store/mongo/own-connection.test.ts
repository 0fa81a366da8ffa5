import { expect, test } from "vitest";
import { openMongo } from "../../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../../runtime/store/names.ts";

test.each([
  "zlibCompressionLevel=S3CRET",
  "authMechanism=S3CRET",
  "compressors=zlib,S3CRET",
  "authMechanismProperties=SERVICE_NAME:x,CANONICALIZE_HOST_NAME:S3CRET",
  "readPreference=S%33CRET",
])("a secret in an option of the URI is nowhere in what the driver says of it: %s", async (option) => {
  const uri = `mongodb://127.0.0.1:1/clinic?authSource=admin&${option}`;
  const store = openMongo({ uri, database: undefined, names: defaultNames });
  const said = await store.work.campaigns.find("spring").catch((error: unknown) => String(error));
  await store.close();
  expect(said).toContain("MONGODB_URI can");
  expect(said).not.toContain("S3CRET");
});
