import type { IdentifierKind } from "../access/vocabulary.ts";

/** Names of the collections a source's graph reads, each with its fields. Nested: `orders.lines`. */
export type CollectionFields = { readonly [collection: string]: string };

/** A made-up person that the system must always be able to show whole. */
export interface Canary {
  readonly kind: IdentifierKind;
  readonly value: string;
}

/**
 * How a stored value is read. A value that cannot be read so is given as it is held, as text.
 * `moment`: RFC 3339 in UTC, to the precision held; a time without a zone is UTC. `date`: ISO 8601.
 * `epochSeconds`, `epochMilliseconds`: counted since 1970-01-01 UTC, where 0 means never (null). `decimal`: exact, as text.
 */
export type ReadAs =
  "moment" | "date" | "epochSeconds" | "epochMilliseconds" | "text" | "number" | "decimal" | "boolean";
