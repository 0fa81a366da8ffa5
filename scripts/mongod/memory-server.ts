/**
 * Downloads MongoDB's release with mongodb-memory-server-core, and prints its path.
 *
 * usage: node memory-server.ts MILLISECONDS, within which the site has to answer: the package itself would wait a minute
 */
import { arch, platform } from "node:os";
import { getOS } from "mongodb-memory-server-core/lib/util/getos/index.js";
import { MongoBinary } from "mongodb-memory-server-core/lib/util/MongoBinary.js";
import { MongoBinaryDownloadUrl } from "mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js";
import { DEFAULT_VERSION } from "mongodb-memory-server-core/lib/util/resolveConfig.js";

const within = Number(process.argv[2]);
try {
  const version = process.env.MONGOMS_VERSION ?? DEFAULT_VERSION;
  const machine = { platform: platform(), arch: arch(), os: await getOS() };
  const url = await new MongoBinaryDownloadUrl({ version, ...machine }).getDownloadUrl();
  const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(within) });
  if (!answer.ok) throw new Error(`the site answered ${answer.status}`);
  console.log(await MongoBinary.getPath({ version }));
} catch (error) {
  const { message, cause } = error as Error;
  console.error(cause instanceof Error ? `${message} (${cause.message})` : message);
  process.exitCode = 1;
}
