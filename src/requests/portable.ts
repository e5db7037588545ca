import { legalBases } from "../access/policy.ts";
import type { LegalBasis } from "../access/vocabulary.ts";
import type { LeftOut, LeftOutField } from "../archive/contents.ts";
import { wordsOf } from "../archive/field-words.ts";
import type { FieldLabel, RecordField, RecordType } from "../archive/record-type.ts";
import type { Text } from "../language/language.ts";
import type { Row } from "../sources/contract.ts";
import { details } from "./details.ts";

/** GDPR Art. 20(1)(a): what is processed by consent or for a contract is taken along, and nothing else. */
const covered: ReadonlySet<LegalBasis> = new Set(["CONSENT", "CONTRACT"]);

const isCovered = (label: FieldLabel | undefined) =>
  label === undefined || label.purposes.some((purpose) => covered.has(legalBases[purpose]));

/** What Art. 20 covers of a record type; null: nothing. */
export function portable<T extends RecordType>(type: T): T | null {
  const labelled = type.fields.some(({ label }) => label !== undefined && isCovered(label));
  return labelled ? { ...type, fields: portableFields(type.fields) } : null;
}

const portableFields = (fields: readonly RecordField[]): readonly RecordField[] =>
  fields
    .filter(({ label }) => isCovered(label))
    .map((field) => ("list" in field ? { ...field, list: portableFields(field.list) } : field));

/** So much of a row as the fields say. */
export const rowWithin = (fields: readonly RecordField[], row: Row): Row =>
  Object.fromEntries(
    fields.map((field) => {
      const value = row[field.name] ?? null;
      return [
        field.name,
        "list" in field && Array.isArray(value)
          ? (value as readonly Row[]).map((each) => rowWithin(field.list, each))
          : value,
      ];
    }),
  );

const restricted = "restricted";

/** What is kept for nothing but a law is not taken along (Art. 20(3)). */
export const isKeptByLaw = (row: Row) => row[restricted] === true;

const keptByLaw: Text = {
  nb: "Rader som bare er beholdt fordi en lov krever det, om det er noen, følger ikke med (artikkel 20). Be om innsyn for å få dem også.",
  nn: "Rader som berre er tekne vare på fordi ei lov krev det, om det er nokon, følgjer ikkje med (artikkel 20). Be om innsyn for å få dei òg.",
  en: "Rows that are kept only because a law requires it, if there are any, are not included (Art. 20). Ask for access to have them as well.",
};

/** What Art. 20 does not cover of a record type, named, so that nobody takes the archive for everything. */
export function notPortable(type: RecordType): readonly LeftOut[] {
  const { source, name: recordType, title } = type;
  const about = { source, recordType, title };
  const reason = details.NOT_PORTABLE;
  if (portable(type) === null) return [{ ...about, part: "RECORD_TYPE", field: null, reason }];
  const fields = notCovered(type.fields).map((field) => ({
    ...about,
    part: "FIELD" as const,
    field,
    reason,
  }));
  const mayBeKept = type.fields.some(({ name }) => name === restricted);
  return mayBeKept ? [...fields, { ...about, part: "ROWS", field: null, reason: keptByLaw }] : fields;
}

function notCovered(
  fields: readonly RecordField[],
  lists: readonly RecordField[] = [],
): readonly LeftOutField[] {
  return fields.flatMap((field) => {
    const path = [...lists, field];
    if (!isCovered(field.label)) return [named(path)];
    return "list" in field ? notCovered(field.list, path) : [];
  });
}

function named(path: readonly RecordField[]): LeftOutField {
  const titles = path.map(({ name, title }) => title ?? wordsOf(name));
  const inLanguage = (language: keyof Text) => titles.map((title) => title[language]).join(", ");
  return {
    name: path.map(({ name }) => name).join("."),
    title: { nb: inLanguage("nb"), nn: inLanguage("nn"), en: inLanguage("en") },
  };
}
