import { legalBases } from "../access/policy.ts";
import type { LegalBasis } from "../access/vocabulary.ts";
import type { FieldLabel, RecordField, RecordType } from "../archive/record-type.ts";
import type { Row } from "../sources/contract.ts";

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

/** What is kept for nothing but a law is not taken along (Art. 20(3)). */
export const isKeptByLaw = (row: Row) => row["restricted"] === true;
