import type { ArchiveContents } from "./contents.ts";
import { fieldWords } from "./field-words.ts";
import { gapsOf, missingOf } from "./gaps.ts";
import { both, markup, type Markup, type Norwegian, norwegianOf, pageEnd, pageStart } from "./html.ts";
import { htmlTable } from "./html-table.ts";
import { dataPath } from "./paths.ts";
import type { RecordType } from "./record-type.ts";
import { rowsTable } from "./rows-table.ts";
import { words } from "./words.ts";
import type { Written } from "./written.ts";

/** One page for a person to read, save and print. What the archive is without comes first. */
export async function* page(contents: ArchiveContents, written: Written): AsyncGenerator<string> {
  const norwegian = norwegianOf(contents.language);
  yield pageStart(words.title, norwegian).text;
  yield facts(contents, norwegian).text;
  yield gaps(contents, norwegian).text;
  yield summary(contents, written, norwegian).text;
  yield notice(contents, norwegian).text;
  let source: string | null = null;
  for (const type of contents.recordTypes) {
    if (type.source !== source) yield markup`<h2>${type.source}</h2>\n`.text;
    source = type.source;
    const reasons = missingOf(contents, type).map(({ reason }) => reason);
    yield* rowsTable(
      { type, pages: contents.rows(type), count: written.rowsOf(dataPath(type)), reasons },
      norwegian,
    );
  }
  yield pageEnd.text;
}

function facts({ kind, controller, requestId, madeAt }: ArchiveContents, norwegian: Norwegian): Markup {
  const { name, organisationNumber, postalAddress, email, phone } = controller;
  return markup`<p>${both(words[kind], norwegian)}</p>
<dl>
<dt>${both(words.controller, norwegian)}</dt>
<dd>${name}, ${organisationNumber}<br>${postalAddress}<br>${email}, ${phone}</dd>
<dt>${both(fieldWords.requestId, norwegian)}</dt><dd>${requestId}</dd>
<dt>${both(words.madeAt, norwegian)}</dt><dd><time>${madeAt.toISOString()}</time></dd>
</dl>
`;
}

function gaps(contents: ArchiveContents, norwegian: Norwegian): Markup {
  const sections = gapsOf(contents).map(({ title, lines }) => {
    const said = lines.length === 0 ? [words.nothing] : lines;
    return markup`<h2>${both(title, norwegian)}</h2>
<ul>
${said.map((line) => markup`<li>${both(line, norwegian)}</li>\n`)}</ul>
`;
  });
  return markup`<div class="first">\n${sections}</div>\n`;
}

function summary(contents: ArchiveContents, written: Written, norwegian: Norwegian): Markup {
  const { recordTypes } = contents;
  const link = ({ source, name, title }: RecordType) =>
    markup`<a href="#${source}.${name}">${both(title, norwegian)}</a>`;
  const lacking = markup` – ${both(words.incomplete, norwegian)}`;
  const count = (type: RecordType) =>
    markup`${written.rowsOf(dataPath(type))}${missingOf(contents, type).length > 0 ? lacking : ""}`;
  const columns = [
    { title: fieldWords.recordType, value: link },
    { title: fieldWords.source, value: ({ source }: RecordType) => source },
    { title: words.rows, value: count },
  ];
  return htmlTable(words.contents, columns, recordTypes, norwegian);
}

function notice(contents: ArchiveContents, norwegian: Norwegian): Markup {
  const sections = contents.notice.map(
    ({ title, lines }) => markup`<h3>${both(title, norwegian)}</h3>
<ul>
${lines.map((line) => markup`<li>${both(line, norwegian)}</li>\n`)}</ul>
`,
  );
  return markup`<h2>${both(words.notice, norwegian)}</h2>\n${sections}`;
}
