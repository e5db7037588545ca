import type { PersonalLabel } from "../access/labels.ts";
import type { Text } from "../language/language.ts";

/** The facts that the unified profile compares across sources. */
export type ProfileField = "name" | "email" | "phone" | "jobTitle" | "organisation" | "postalAddress";

/** Why a row is never corrected: it documents a sale, something that happened, or what somebody else has said. */
export type DocumentKind = "SALES" | "EVENT" | "CLAIM";

export type RecordLabel = Omit<PersonalLabel, "kind">;

/** Fields of a row that are kept for a shorter time than the row. */
export interface ShorterKept {
  readonly fields: readonly string[];
  readonly label: RecordLabel;
}

/** What a source's folder brings to the house: its branch of `DataSubject`, and what a mapping must name. */
export interface SourceModule<
  Key extends string,
  Fields extends string,
  Collections extends { readonly [C in keyof Collections]: string },
> {
  /** Also the name of its branch of `DataSubject`. */
  readonly key: Key;
  readonly resolvers: readonly NewableFunction[];
  /** Which field of the record holds each fact of the profile. */
  readonly profile: { readonly [P in ProfileField]?: Fields };
  /** Collections whose rows document what happened, and are never corrected. `SALES`: kept by bokføringsloven § 13. */
  readonly documents: { readonly [C in keyof Collections]?: DocumentKind };
  /** What is said of the person's own record, and of each list that belongs to it; one inside another goes with it. */
  readonly labels: {
    readonly [C in "record" | Exclude<keyof Collections, `${string}.${string}`>]: RecordLabel;
  };
  /** Which fields of a list's rows have a rule of their own: they are emptied when that is over. */
  readonly shorter?: { readonly [C in keyof Collections]?: ShorterKept };
  /** What each is called in what a person takes along. */
  readonly titles: { readonly [C in "record" | Exclude<keyof Collections, `${string}.${string}`>]: Text };
  /** What its fields are called there, where `fieldWords` does not say it. */
  readonly words?: Readonly<Record<string, Text>>;
  /** Never set: carries the types that a mapping is checked against. */
  readonly mapped?: { readonly fields: Fields; readonly collections: Collections };
}
