import type { Language } from "../language/language.ts";
import type { Withheld } from "./contents.ts";
import { type FieldLabel, type FieldType, isList, type RecordField, type RecordType } from "./record-type.ts";

const types: Readonly<Record<FieldType, { readonly type: string; readonly format?: string }>> = {
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  date: { type: "string", format: "date" },
  "date-time": { type: "string", format: "date-time" },
  decimal: { type: "string" },
};

/** JSON Schema 2020-12 of a record type's file of data. A field that is withheld somewhere may be null there. */
export function jsonSchema(type: RecordType, withheld: readonly Withheld[], language: Language): object {
  const here = withheld.filter((w) => w.source === type.source && w.recordType === type.name);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: type.title[language],
    type: "array",
    items: rowSchema(type.fields, new Set(here.map(({ field }) => field)), ""),
  };
}

function rowSchema(fields: readonly RecordField[], withheld: ReadonlySet<string>, within: string): object {
  return {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, withheld, within)])),
    required: fields.map(({ name }) => name),
    additionalProperties: false,
  };
}

function fieldSchema(field: RecordField, withheld: ReadonlySet<string>, within: string): object {
  const path = within + field.name;
  return {
    ...(isList(field)
      ? { type: "array", items: rowSchema(field.list, withheld, `${path}.`) }
      : valueSchema(field.type, field.nullable || withheld.has(path))),
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.label === undefined ? {} : { $comment: comment(field.label) }),
  };
}

function valueSchema(type: FieldType, nullable: boolean): object {
  const schema = types[type];
  return nullable ? { ...schema, type: [schema.type, "null"] } : schema;
}

/** In the one keyword for it that every validator takes, strict ones too. */
const comment = ({ category, purposes, freeText }: FieldLabel) =>
  `Personal data: ${category}, held for ${purposes.join(", ")}${freeText === true ? "; written by a person, may name others" : ""}`;
