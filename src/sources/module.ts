import type { PersonalLabel } from "../access/labels.ts";
import type { Role, StatisticsDimension, SubjectCategory } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";

/** The facts that the unified profile compares across sources. */
export type ProfileField = "name" | "email" | "phone" | "jobTitle" | "organisation" | "postalAddress";

/** Why a row is never corrected: it documents a sale, something that happened, or what somebody else has said. */
export type DocumentKind = "SALES" | "EVENT" | "CLAIM";

export type RecordLabel = Omit<PersonalLabel, "kind">;

/** What anonymous counts are by: a field of the rows of one list. */
export interface Dimension<Collection extends string = string, Field extends string = string> {
  readonly collection: Collection;
  /** What a group is called. */
  readonly name: Field;
  /** A moment that tells groups of one name apart. */
  readonly at?: Field;
  /**
   * `ORGANISATION`: groups are of its own making (an event), and known with nobody in them. `PERSONS`: a group is there
   * because somebody is in it (a country), so that its name already tells of them.
   */
  readonly namedBy: "ORGANISATION" | "PERSONS";
  /**
   * Of the fields: `STATISTICS` must be among its purposes. Where it is held by consent, they alone are counted who have
   * said yes.
   */
  readonly label: RecordLabel;
  /** As in `Countable`. */
  readonly alsoFor?: readonly Role[];
}

type DimensionOf<Collections extends { readonly [C in keyof Collections]: string }> = {
  readonly [C in keyof Collections & string]: Dimension<C, Collections[C]>;
}[keyof Collections & string];

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
  /** Whom its records are about. */
  readonly subjects: readonly SubjectCategory[];
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
  /** What persons can be counted by; absent: nothing. */
  readonly dimensions?: { readonly [D in StatisticsDimension]?: DimensionOf<Collections> };
  /** Never set: carries the types that a mapping is checked against. */
  readonly mapped?: { readonly fields: Fields; readonly collections: Collections };
}
