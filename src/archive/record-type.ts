import type { DataCategory, Purpose } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";

export type FieldType = "string" | "integer" | "number" | "boolean" | "date" | "date-time" | "decimal";
export interface FieldLabel {
  readonly category: DataCategory;
  readonly purposes: readonly Purpose[];
  readonly freeText?: boolean;
}
export interface ScalarField {
  readonly name: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  readonly description?: string;
  readonly label?: FieldLabel;
}
export interface ListField {
  readonly name: string;
  readonly list: readonly RecordField[];
  readonly description?: string;
  readonly label?: FieldLabel;
}
export type RecordField = ScalarField | ListField;
export interface RecordType {
  readonly source: string;
  readonly name: string;
  readonly title: Text;
  readonly fields: readonly RecordField[];
}
