import { stringify } from "csv-stringify/sync";
import { unformulated } from "../archive/formulas.ts";
import type { Language } from "../language/language.ts";
import type { Records } from "./records.ts";
import { partiesOf, type Section, sectionsOf } from "./sections.ts";
import { purposeWords } from "./terms.ts";

/** A row per purpose (RFC 4180), with a byte order mark, without which Excel does not read UTF-8. */
export function recordsCsv(records: Records, language: Language, madeAt: Date): string {
  const parties = partiesOf(records);
  const cell = ({ lines, otherwise }: Section) =>
    (lines.length > 0 ? lines : [otherwise]).map((line) => line[language]).join("; ");
  const rows = records.activities.map((activity) => {
    const sections = sectionsOf(activity);
    return {
      purpose: activity.purpose,
      title: purposeWords[activity.purpose][language],
      ...Object.fromEntries([...sections, ...parties].map((section) => [section.key, cell(section)])),
      made_at: madeAt.toISOString(),
    };
  });
  return stringify(rows, {
    bom: true,
    header: true,
    record_delimiter: "\r\n",
    quoted_string: true,
    cast: { string: unformulated },
  });
}
