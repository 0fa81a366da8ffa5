/** An encrypted leaf of the settings as the stack file has it: an object whose only key is `secure`. */
export interface Opaque {
  readonly secure: string;
}

/**
 * Whether a value stands for an encrypted one, where there is no passphrase (our preview): the stack file's own
 * `{ secure: … }`, or the text in its place by which the preview hands it on to the program (preview/config-values.ts).
 */
export function isOpaque(value: unknown): boolean {
  if (typeof value === "string") return /^\[secure [0-9a-f]{12}\]$/.test(value);
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}
