import type { ArchiveContents, LeftOut, Missing, Withheld } from "./contents.ts";
import type { RecordType } from "./record-type.ts";
import type { Language, Text } from "../language/language.ts";
import { words } from "./words.ts";

/** What the archive is without, as lines of text: the same in the page and in the text file. */
export interface Gap {
  readonly title: Text;
  readonly lines: readonly Text[];
}

type Gaps = Pick<ArchiveContents, "missing" | "withheld" | "leftOut" | "kind" | "recordTypes">;

export function gapsOf({ missing, withheld, leftOut, kind, recordTypes }: Gaps): readonly Gap[] {
  const titles = new Map(recordTypes.map(({ source, name, title }) => [`${source}.${name}`, title]));
  const placeOf = (source: string, type: string | null): Text => {
    const title = type === null ? words.everything : (titles.get(`${source}.${type}`) ?? same(type));
    return each((language) => `${source}, ${title[language]}`);
  };
  return [
    { title: words.missing, lines: missing.map((m) => ofMissing(placeOf(m.source, m.recordType), m)) },
    { title: words.withheld, lines: withheld.map((w) => ofWithheld(placeOf(w.source, w.recordType), w)) },
    ...(kind === "ACCESS" && leftOut.length === 0
      ? []
      : [{ title: words.leftOut, lines: leftOut.map(ofLeftOut) }]),
  ];
}

/** Why a record type is not there, or not all of it. */
export const missingOf = ({ missing }: Pick<ArchiveContents, "missing">, { source, name }: RecordType) =>
  missing.filter((m) => m.source === source && (m.recordType === null || m.recordType === name));

const ofMissing = (place: Text, { reason }: Missing) =>
  each((language) => `${place[language]}: ${reason[language]}`);

const ofLeftOut = ({ source, title, field, reason }: LeftOut) =>
  each((language) => {
    const place = [source, title[language], ...(field ? [field.title[language]] : [])].join(", ");
    return `${place}: ${reason[language]}`;
  });

const ofWithheld = (place: Text, { field, count, ground, because }: Withheld) =>
  each((language) => `${place[language]}, ${field} (${count}): ${ground[language]} – ${because}`);

const each = (said: (language: Language) => string): Text => ({
  nb: said("nb"),
  nn: said("nn"),
  en: said("en"),
});
const same = (text: string): Text => each(() => text);
