/** What is known of one type of resource: how the provider compares it, and what Google makes of it. */

export type Attributes = Readonly<Record<string, unknown>>;

/** Where a fact about Google or its provider was read, or measured. */
export type Source = string;

/** The next number of some series of Google's, from 1. */
export type Numbers = (series: string) => string;

/** An output that nobody gives, in Google's own format. */
export interface Computed {
  readonly source: Source;
  /** The provider works it out by itself, so that a preview knows it before Google does. */
  readonly knownInPreview?: true;
  readonly value: (inputs: Attributes, made: { readonly id: string }) => unknown;
}

export interface ResourceType {
  /** The API that has to be enabled in the resource's project; undefined for what is made on this machine. */
  readonly api?: string;
  /**
   * Who names it.
   *
   * - `people`: the name is among the inputs. A second one of the same name is refused, and a replacement deletes first
   * - `google`: each creation makes another one
   * - `binding`: a member of a set. A second one is the same one, and deleting either deletes it
   */
  readonly named: "people" | "google" | "binding";
  /** The provider's id: also what `pulumi import` takes. */
  readonly id: (inputs: Attributes, number: Numbers) => string;
  /** Inputs whose change replaces the resource, by path. */
  readonly replacedBy: Readonly<Record<string, Source>>;
  /** Inputs that keep their value when they are left out, by path. */
  readonly keeps: Readonly<Record<string, Source>>;
  readonly computed: Readonly<Record<string, Computed>>;
  /** What Google keeps when the stack lets go of it. */
  readonly outlives?: (inputs: Attributes) => boolean;
}
