/**
 * Text of somebody else's, for the middle of a GitHub comment: names, values and documentation of a pull request, in
 * which nothing may come alive.
 *
 * Markdown and HTML: a sign that either knows is written as a character reference, which by the CommonMark
 * specification (0.31.2, section 2.5) never stands for structure. What GitHub makes of the finished text (mentions,
 * references to issues and commits, emoji, addresses) it does not make inside of `<code>`: a word that could become
 * any of these is put there (docs.github.com, "Basic writing and formatting syntax" and "Autolinked references and
 * URLs", November 2026).
 */
import { visible } from "../../domain/findings.ts";

/** Longer texts are cut: nobody reads on, and a comment has an end. */
const LONGEST = 600; // characters

/** What GitHub could make something of, outside of code. */
const alive = /@|#|\$(?!\d)|:[\w+-]+:|:\/\/|www\.|GH-\d|(?<![A-Za-z0-9])[0-9a-f]{7,64}(?![A-Za-z0-9])/i;

/** One line of Markdown that shows exactly this text. */
export function inert(text: string): string {
  return cut(visible(text).trim(), LONGEST)
    .split(" ")
    .map((word, index) => {
      if (alive.test(word)) return `<code>${references(word, every)}</code>`;
      // At its beginning it could be an item of a list: `- `, `1. `.
      return references(word, index === 0 && /^([-+=]+|\d+[.)])$/.test(word) ? every : structural);
    })
    .join(" ");
}

/** Every sign of ASCII. */
const every = /[!-/:-@[-`{-~]/g;
/** The signs of which Markdown or HTML make something in the middle of a line. */
const structural = /[!#&*<>@[\\\]^_`{|}~]/g;

function references(text: string, signs: RegExp): string {
  return text.replace(signs, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A text of at most so many characters, with a mark where it was cut. */
export function cut(text: string, longest: number): string {
  // By code points: half of a character is none.
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}

/**
 * A block of code that shows exactly these lines, coloured as a diff.
 *
 * @param lines without line ends
 */
export function diffBlock(lines: readonly string[]): string {
  // A fence ends the block only if it is as long as the one that began it (CommonMark 0.31.2, section 4.5).
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/~+/g)].map(([run]) => run.length)));
  const fence = "~".repeat(longest + 1);
  return [`${fence}diff`, ...lines, fence].join("\n");
}
