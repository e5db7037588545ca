import { type Row, SourceFailure, type Value } from "../../sources/contract.ts";
import { readerOf, type Scalar } from "../read-value.ts";
import { arrayAt, at } from "./json.ts";
import type { JsonPath } from "./mapping.ts";

export type Nulls = readonly (false | "")[];
/** Reads a member of a JSON object; a missing one that is not optional is a malformed answer. */
export type ReadMember = (from: unknown) => Scalar;

export function memberReader(path: JsonPath | null, nulls: Nulls): ReadMember {
  if (path === null) return () => null;
  const mapped = typeof path === "string" ? { path } : path;
  const read = readerOf(mapped);
  // Where a member is a truth, `false` means false.
  const isNull = (value: unknown) => mapped.as !== "boolean" && nulls.some((n) => n === value);
  return (from) => {
    const { when } = mapped;
    if (when && at(from, when.path) !== when.equals) return null;
    const value = at(from, mapped.path);
    if (value === undefined && !mapped.optional) throw new SourceFailure("MALFORMED_ANSWER");
    return value === undefined || isNull(value) ? null : read(value);
  };
}

export type ReadRow = (from: unknown) => Row;

export function rowReader(fields: Readonly<Record<string, JsonPath | null>>, nulls: Nulls): ReadRow {
  const readers = Object.entries(fields).map(([name, path]) => [name, memberReader(path, nulls)] as const);
  return (from) => {
    const row: Record<string, Value> = {};
    for (const [name, read] of readers) row[name] = read(from);
    return row;
  };
}

export interface ListMapping {
  readonly path: string;
  readonly fields: Readonly<Record<string, JsonPath | null>>;
}

/** Reads a list inside an object; systems that say null for an empty list are believed. */
export function listReader({ path, fields }: ListMapping, nulls: Nulls): (from: unknown) => Row[] {
  const read = rowReader(fields, nulls);
  return (from) => {
    const found = at(from, path);
    const none = found === null || nulls.some((n) => n === found);
    return none ? [] : arrayAt(from, path).map(read);
  };
}
