import type { Text } from "../language/language.ts";
import { type ArchiveRow, type ArchiveValue, isRows } from "./contents.ts";
import { wordsOf } from "./field-words.ts";
import { both, markup, type Markup, type Norwegian } from "./html.ts";
import { dataPath } from "./paths.ts";
import { isList, type RecordField, type RecordType } from "./record-type.ts";
import { shownOf, words } from "./words.ts";

/** A page of a million rows would be hundreds of megabytes, which no browser lays out. */
export const shownRows = 1000;

type Pages = AsyncIterable<readonly ArchiveRow[]>;

interface Rows {
  readonly type: RecordType;
  readonly pages: Pages;
  /** How many the pages have in all. */
  readonly count: number;
  /** Why there are not as many as there should be. */
  readonly reasons: readonly Text[];
}

/** The first rows of a record type, and how many there are in all. */
export async function* rowsTable({ type, pages, count, reasons }: Rows, norwegian: Norwegian) {
  const id = `${type.source}.${type.name}`;
  yield markup`<h3 id="${id}">${both(type.title, norwegian)}</h3>\n`.text;
  for (const reason of reasons) {
    const title = both(words.incomplete, norwegian);
    yield markup`<p><strong>${title}: ${both(reason, norwegian)}</strong></p>\n`.text;
  }
  if (count === 0) {
    if (reasons.length === 0) yield markup`<p>${both(words.none, norwegian)}</p>\n`.text;
    return;
  }
  if (count > shownRows) {
    yield markup`<p><strong>${both(shownOf(shownRows, count, dataPath(type)), norwegian)}</strong></p>\n`
      .text;
  }
  yield markup`<div class="wide" role="region" tabindex="0" aria-labelledby="${id}">
<table>
<caption>${both(type.title, norwegian)}: ${Math.min(count, shownRows)} / ${count}</caption>
${head(type.fields, norwegian)}
<tbody>
`.text;
  for await (const rows of firstOf(pages, shownRows)) {
    yield rows.map((row) => body(type.fields, row, norwegian).text).join("");
  }
  yield "</tbody>\n</table>\n</div>\n";
}

/** Ends its source as soon as there are enough. */
async function* firstOf(pages: Pages, most: number) {
  let left = most;
  for await (const page of pages) {
    yield page.slice(0, left);
    left -= page.length;
    if (left <= 0) return;
  }
}

function head(fields: readonly RecordField[], norwegian: Norwegian): Markup {
  const cells = fields.map(({ name, title, description }) => {
    const more = description === undefined ? "" : markup`<small lang="en">${description}</small>`;
    return markup`<th scope="col">${both(title ?? wordsOf(name), norwegian)}${more}</th>`;
  });
  return markup`<thead><tr>${cells}</tr></thead>`;
}

const body = (fields: readonly RecordField[], row: ArchiveRow, norwegian: Norwegian): Markup =>
  markup`<tr>${fields.map((field) => markup`<td>${value(field, row[field.name] ?? null, norwegian)}</td>`)}</tr>\n`;

function value(field: RecordField, held: ArchiveValue, norwegian: Norwegian): string | Markup {
  if (held === null) return "";
  if (typeof held === "boolean") return (held ? words.yes : words.no)[norwegian];
  if (!isRows(held)) return String(held);
  if (!isList(field) || held.length === 0) return "";
  const rows = held.map((row) => body(field.list, row, norwegian));
  return markup`<table>${head(field.list, norwegian)}<tbody>${rows}</tbody></table>`;
}
