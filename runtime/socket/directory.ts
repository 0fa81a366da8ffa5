import { chmod, lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { Clock, Millis } from "../ports.ts";

const PREFIX = "agent-runtime-";
const NAME = "socket";

/** Of a socket's path, in bytes: 104 with a final zero on macOS, 108 on Linux (unix(4), unix(7)). */
const PATH_BYTES = 103;

/** Ours: a socket is listened to in the same millisecond in which it is made. */
const STALE_AFTER: Millis = 60_000;

export interface SocketDirectory {
  /** Where the socket is to be. */
  readonly path: string;
  /** Removes the directory and all that is in it. */
  remove(): Promise<void>;
}

/**
 * Makes a directory that only its owner can enter, with a name that nobody can guess or take first, and removes those
 * that a runtime left behind when it was killed.
 *
 * @param parent where to make it
 * @throws Error when it cannot be made there, or the path is too long for a socket
 */
export async function socketDirectory(parent: string, clock: Clock): Promise<SocketDirectory> {
  await removeStale(parent, clock);
  const remedy = "Set TMPDIR to a directory with a short path in which the runtime may write.";
  const bytes = Buffer.byteLength(join(parent, `${PREFIX}XXXXXX`, NAME));
  if (bytes > PATH_BYTES) {
    throw new Error(
      `the worker's socket in ${parent} has a path of ${bytes} bytes; ${PATH_BYTES} is the limit. ${remedy}`,
    );
  }
  const directory = await mkdtemp(join(parent, PREFIX)).catch((cause: Error) => {
    throw new Error(`no directory for the worker's socket in ${parent}: ${cause.message}. ${remedy}`, { cause });
  });
  // mkdtemp asks for this mode too, but a umask may have taken some of it away.
  await chmod(directory, 0o700);
  return { path: join(directory, NAME), remove: () => rm(directory, { recursive: true, force: true }) };
}

async function removeStale(parent: string, clock: Clock): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const ours = names.filter((name) => name.startsWith(PREFIX));
  await Promise.all(
    ours.map(async (name) => {
      const directory = join(parent, name);
      if (!(await isStale(join(directory, NAME), clock))) return;
      // Another user's, or removed by another runtime at the same moment: there is nothing to do about either.
      await rm(directory, { recursive: true, force: true }).catch(() => {});
    }),
  );
}

async function isStale(path: string, clock: Clock): Promise<boolean> {
  const socket = await lstat(path).catch(() => undefined);
  if (socket?.isSocket() !== true || clock.wall() - socket.mtimeMs < STALE_AFTER) return false;
  return refuses(path);
}

function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once("connect", () => {
      connection.destroy();
      resolve(false);
    });
    connection.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
