import type { DataCategory, Purpose } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";

/** `date` and `date-time`: RFC 3339; `decimal`: a number written as text, so that no digit is lost. */
export type FieldType = "string" | "integer" | "number" | "boolean" | "date" | "date-time" | "decimal";

export interface FieldLabel {
  readonly category: DataCategory;
  readonly purposes: readonly Purpose[];
  /** A person wrote it: it may name others. */
  readonly freeText?: boolean;
}

export interface ScalarField {
  readonly name: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  readonly description?: string;
  readonly label?: FieldLabel;
}

/** Rows inside a row. */
export interface ListField {
  readonly name: string;
  readonly list: readonly RecordField[];
  readonly description?: string;
  readonly label?: FieldLabel;
}

export type RecordField = ScalarField | ListField;

export const isList = (field: RecordField): field is ListField => "list" in field;

export interface RecordType {
  readonly source: string;
  /** `orders`; `record` for the system's own record of the person. */
  readonly name: string;
  readonly title: Text;
  readonly fields: readonly RecordField[];
}
