/** Credentials that somebody has put into plain settings: a preview must not spread them further. */
import { isSecretName, looksLikeKey } from "../policies/credentials.ts";

/** Whether the value of a plain variable is to be kept to itself. */
export const isCredential = (name: string, ...values: readonly string[]): boolean =>
  isSecretName(name) || values.some(looksLikeKey);

/** `--api-key`, `--api-key=…`, and `API_KEY=…` in front of a command or inside of a shell's. */
const named = /(?:^|[\s"';&|])(?:--?([A-Za-z][\w-]*)|([A-Za-z_]\w*)(?==))/g;

/** Whether any argument of a command is one, or is given one by name. */
export function holdsCredential(args: readonly string[]): boolean {
  return args.some(
    (text) =>
      looksLikeKey(text) ||
      [...text.matchAll(named)].some(([, flag, variable = ""]) => isSecretName(flag?.replaceAll("-", "_") ?? variable)),
  );
}
