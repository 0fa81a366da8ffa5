/**
 * The text in the place of an encrypted value where there is no passphrase, as in our preview: nothing can be said
 * of the secret then, neither whether it is right nor what it is.
 *
 * @param digest twelve hexadecimal digits that tell one encrypted value from another
 */
export function standIn(digest: string): string {
  return `[secure ${digest}]`;
}

export function isStandIn(text: string): boolean {
  return /^\[secure [0-9a-f]{12}\]$/.test(text);
}
