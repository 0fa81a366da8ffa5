/** A mistake that somebody might have written: a piece of text in one file of the repository, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** A second place in the same file. */
  readonly and?: { readonly find: string; readonly replace: string };
}

/** @throws Error where a text is not there any more, or is there twice: a mutant that changes nothing proves nothing */
export function mutatedSource(source: string, { name, file, find, replace, and }: Mutant): string {
  return [{ find, replace }, ...(and === undefined ? [] : [and])].reduce((text, edit) => {
    const parts = text.split(edit.find);
    if (parts.length !== 2)
      throw new Error(`${name}: its text is ${parts.length - 1} times in ${file}, not once: ${edit.find}`);
    return parts.join(edit.replace);
  }, source);
}
