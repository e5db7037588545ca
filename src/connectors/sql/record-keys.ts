import type { Dialect, Fragment } from "./dialect.ts";

/** How keys of records are compared with what is written in other columns, which may be of another type. */
export interface KeyComparison {
  /** One form for all ways to write the key; null: it is none of this type; `unknownKey`: it may be one. */
  readonly canonical: (written: string) => string | null | typeof unknownKey;
  /** Values to look for. */
  readonly asked: (written: string, dialect: Dialect) => readonly (Fragment | string)[];
}

export const unknownKey = Symbol("a key that cannot be asked for");

const integers: KeyComparison = {
  canonical(written) {
    const [, digits] = /^\s*([+-]?\d{1,18})(?:\.0*)?\s*$/.exec(written) ?? [];
    if (digits !== undefined) return BigInt(digits).toString();
    return /^\s*[+-]?\d+(?:\.\d*)?\s*$/.test(written) ? unknownKey : null;
  },
  // What is too great for the column can be compared with it all the same.
  asked: (written, { integer }) => {
    const canonical = integers.canonical(written);
    return typeof canonical === "string" ? [integer(canonical)] : [];
  },
};

const uuids: KeyComparison = {
  canonical(written) {
    const plain = written.trim().toLowerCase().replaceAll(/[{}-]/g, "");
    return /^[\da-f]{32}$/.test(plain) ? plain : null;
  },
  asked: (written) => {
    const canonical = uuids.canonical(written);
    return typeof canonical === "string"
      ? [canonical.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")]
      : [];
  },
};

/** A database may fold letter case, or pad. */
const texts: KeyComparison = {
  canonical: (written) => (written.includes("\0") ? null : written.trim().toLowerCase()),
  asked: (written) => [...new Set([written, written.trim()])],
};

const comparisons: readonly (readonly [RegExp, KeyComparison])[] = [
  [/^(int(?!erval)|bigint|smallint|mediumint|tinyint|serial|bigserial|numeric|decimal)/i, integers],
  [/^(uuid|uniqueidentifier)/i, uuids],
  [/char|text/i, texts],
];

/**
 * Null: not known of columns of this type.
 *
 * @param type as the driver names it
 */
export const comparisonOf = (type: string): KeyComparison | null =>
  comparisons.find(([pattern]) => pattern.test(type))?.[1] ?? null;
