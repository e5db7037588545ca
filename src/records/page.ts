import {
  both,
  markup,
  type Markup,
  type Norwegian,
  norwegianOf,
  pageEnd,
  pageStart,
} from "../archive/html.ts";
import type { Language } from "../language/language.ts";
import type { RecordedActivity, Records } from "./records.ts";
import { partiesOf, type Section, sectionsOf } from "./sections.ts";
import { purposeWords } from "./terms.ts";
import { words } from "./words.ts";

/** One page to read and print: Norwegian, and English after it. */
export function recordsPage(records: Records, language: Language, madeAt: Date): string {
  const norwegian = norwegianOf(language);
  const sections = records.activities.map((activity) => activitySection(activity, norwegian));
  return [
    pageStart(words.title, norwegian),
    markup`<p>${both(words.law, norwegian)}</p>
<p>${both(words.computed, norwegian)}</p>
${facts(partiesOf(records), norwegian)}<p>${both(words.madeAt, norwegian)} <time>${madeAt.toISOString()}</time></p>
`,
    ...sections,
    pageEnd,
  ]
    .map(({ text }) => text)
    .join("");
}

const activitySection = (activity: RecordedActivity, norwegian: Norwegian): Markup =>
  markup`<article id="${activity.purpose}">
<h2>${both(purposeWords[activity.purpose], norwegian)} <small>${activity.purpose}</small></h2>
${facts(sectionsOf(activity), norwegian)}</article>
`;

function facts(sections: readonly Section[], norwegian: Norwegian): Markup {
  const shown = sections.map(({ title, lines, otherwise }) => {
    const said = (lines.length > 0 ? lines : [otherwise]).map(
      (line) => markup`<dd>${both(line, norwegian)}</dd>\n`,
    );
    return markup`<dt>${both(title, norwegian)}</dt>\n${said}`;
  });
  return markup`<dl>\n${shown}</dl>\n`;
}
