/** The comments in a file that somebody else's code has written. */

/** What a person has to know of a comment that is not there; without a stack. */
export class NotPosted extends Error {
  override readonly name = "NotPosted";
}

export interface Comment {
  /** Its first line, by which it is found again. */
  readonly marker: string;
  readonly body: string;
}

/** The longest comment that GitHub takes (preview/report/github.ts), less what is added to it here. */
const LONGEST = 65_536 - 500; // characters
/** A stack each. More than that is no preview. */
const MOST = 20;

const markers = /^<!-- agent-worker preview: ([\w.!~*'()%-]{1,300}) -->$/;

/**
 * @throws NotPosted when the file is not what `npm run preview -- --format github` writes
 */
export function commentsIn(file: Uint8Array): readonly Comment[] {
  if (file.byteLength > MOST * LONGEST * 4)
    throw new NotPosted(`the file of the previews is too large: ${file.byteLength} bytes.`);
  const bodies = decoded(file)
    .split(/^(?=<!-- agent-worker preview: )/m)
    .filter((body) => body.trim() !== "");
  if (bodies.length === 0) throw new NotPosted("the file of the previews is empty: the preview itself failed.");
  if (bodies.length > MOST)
    throw new NotPosted(`the file holds ${bodies.length} previews, and ${MOST} are posted at most.`);
  const comments = bodies.map((body) => ({ marker: body.split("\n", 1)[0] ?? "", body }));
  for (const { marker, body } of comments) {
    if (!markers.test(marker)) throw new NotPosted("the file of the previews does not begin with a stack's marker.");
    if (body.length > LONGEST)
      throw new NotPosted(`${marker} has ${body.length} characters, and GitHub takes ${LONGEST}.`);
  }
  if (new Set(comments.map(({ marker }) => marker)).size < comments.length) {
    throw new NotPosted("the file of the previews has two comments of one stack.");
  }
  return comments;
}

/**
 * A comment as it is posted: with where it comes from in front. Behind, an open comment or block of code that the body
 * ends in would swallow it.
 */
export function attributed({ marker, body }: Comment, run: string): string {
  const written = `<sub>Written by the pull request's own code in [this run](${run}), which has the whole page.</sub>`;
  return `${marker}\n${written}\n\n${body.slice(marker.length).trimStart()}`;
}

/**
 * What becomes of an earlier comment of ours whose stack the pull request does not have any more: nobody is to take it
 * for the newest word.
 *
 * @returns undefined where it is to stay as it is
 */
export function withdrawn(posted: string, comments: readonly Comment[]): Comment | undefined {
  const marker = posted.split(/\r?\n/, 1)[0] ?? "";
  const stack = markers.exec(marker)?.[1];
  if (stack === undefined || comments.some((comment) => comment.marker === marker)) return undefined;
  const body = `${marker}\nThe stack \`${stack}\` is not part of this pull request any more.\n`;
  return posted.replaceAll("\r\n", "\n").trim() === body.trim() ? undefined : { marker, body };
}

function decoded(file: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    throw new NotPosted("the file of the previews is no text in UTF-8.");
  }
}
