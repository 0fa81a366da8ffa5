/**
 * HTML that is put together without a way to forget the escaping: whatever is not markup already is text.
 */
import { visible } from "../../domain/findings.ts";

const markup = Symbol("markup");

/** A piece of HTML. Only `html` makes one. */
export interface Markup {
  readonly [markup]: string;
}

type Piece = string | number | Markup | readonly Piece[] | undefined;

/** `` html`<p>${text}</p>` ``: texts are escaped, pieces of HTML are taken as they are, lists are joined. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { [markup]: strings.reduce((all, text, index) => all + written(pieces[index - 1]) + text) };
}

function written(piece: Piece): string {
  if (piece === undefined) return "";
  if (typeof piece === "string" || typeof piece === "number") return escaped(String(piece));
  return isMarkup(piece) ? piece[markup] : piece.map(written).join("");
}

const isMarkup = (piece: Markup | readonly Piece[]): piece is Markup => markup in piece;

/** Right between tags and inside of quoted attributes. What a terminal obeys is seen here too, rather than obeyed. */
function escaped(text: string): string {
  return text
    .split("\n")
    .map(visible)
    .join("\n")
    .replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The text of a whole document. */
export const textOf = (piece: Markup): string => piece[markup];

/** Text that is not somebody else's, for places where a character reference would not be read, such as a style. */
export const verbatim = (text: string): Markup => ({ [markup]: text });
