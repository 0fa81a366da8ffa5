import { html, type Markup } from "./html-markup.ts";

export interface Column {
  readonly title: string;
  /** Aligned to the right. */
  readonly number?: true;
}

type Cell = string | Markup | undefined;

/**
 * A table whose first cell names its row. On a phone each row is a card, with the column's title in front of each value,
 * so that nothing has to be moved sideways. The roles are spelled out, since a browser then forgets that it is a table.
 */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Markup {
  const head = columns.map(
    ({ title, number }) =>
      html`<th scope="col" role="columnheader" class="${number ? "number" : "text"}">${title}</th>`,
  );
  return html`<table class="cards" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">${rows.map((cells) => row(columns, cells))}</tbody></table>`;
}

function row(columns: readonly Column[], [name, ...cells]: readonly Cell[]): Markup {
  const values = cells.map((cell, index) => {
    const { title = "", number } = columns[index + 1] ?? {};
    return html`<td role="cell" class="${number ? "number" : "text"}" data-title="${title}">${cell}</td>`;
  });
  return html`<tr role="row"><th scope="row" role="rowheader">${name}</th>${values}</tr>
`;
}
