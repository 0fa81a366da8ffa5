import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/**
 * The file that a command would run: as execvp finds it, by its path, or in the directories of PATH.
 *
 * @param path as the variable PATH has it
 * @returns undefined when there is none, or none that may be run
 */
export function executable(command: string, path = "/usr/local/bin:/usr/bin:/bin"): string | undefined {
  if (command === "") return undefined;
  const candidates = command.includes("/")
    ? [resolve(command)]
    : path.split(delimiter).map((directory) => join(directory === "" ? "." : directory, command));
  return candidates.find(mayRun);
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not for us: the next directory may have it
  }
}
