import type { Text } from "../language/language.ts";
import { both, type Cell, markup, type Markup, type Norwegian } from "./html.ts";

export interface Column<Row> {
  readonly title: Text;
  readonly value: (row: Row) => Cell;
}

/** A table under a heading; its first column says what each row is of. */
export function htmlTable<Row>(
  title: Text,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  norwegian: Norwegian,
): Markup {
  const heads = columns.map(({ title }) => markup`<th scope="col">${both(title, norwegian)}</th>`);
  const lines = rows.map((row) => {
    const cells = columns.map(({ value }, i) =>
      i === 0 ? markup`<th scope="row">${value(row)}</th>` : markup`<td>${value(row)}</td>`,
    );
    return markup`<tr>${cells}</tr>\n`;
  });
  return markup`<div class="wide" role="region" tabindex="0" aria-label="${title[norwegian]}">
<table>
<caption><h2>${both(title, norwegian)}</h2></caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines}</tbody>
</table>
</div>
`;
}
