import type { Value } from "../sources/contract.ts";
import type { ReadAs } from "./mapping.ts";

export type Scalar = Exclude<Value, readonly unknown[]>;
export type Reader = (stored: unknown) => Scalar;

export interface Reading {
  readonly as?: ReadAs;
  readonly values?: Readonly<Record<string, string>>;
}

/** Reads what a driver or JSON gave. Never fails: what cannot be read as told is given as held (law 6). */
export function readerOf({ as, values }: Reading): Reader {
  const read = as === undefined ? held : readers[as];
  if (!values) return read;
  return (stored) => {
    const value = read(stored);
    return value === null ? null : (values[String(value)] ?? value);
  };
}

/** A stored value as it is, in a form that the contract can carry. */
export function held(stored: unknown): Scalar {
  switch (typeof stored) {
    case "string":
    case "boolean":
      return stored;
    case "number":
      return Number.isFinite(stored) ? stored : String(stored);
    case "bigint":
      return stored.toString();
    case "object":
      if (stored === null) return null;
      if (stored instanceof Date) return Number.isNaN(stored.getTime()) ? null : stored.toISOString();
      if (stored instanceof Uint8Array) return Buffer.from(stored).toString("base64");
      return JSON.stringify(stored);
    default:
      return null;
  }
}

const text: Reader = (stored) => {
  const value = held(stored);
  return value === null ? null : String(value);
};

/** A clock time with or without a zone, as databases and JSON write it. */
const clockTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/** As PostgreSQL writes it in a session in UTC: most of what is read, and read without taking it apart. */
const inUtc = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?\+00$/;

function moment(stored: unknown): Scalar {
  const value = text(stored);
  if (typeof value !== "string") return value;
  if (inUtc.test(value)) return `${value.slice(0, 10)}T${value.slice(11, -3)}Z`;
  const [, day, time, zone = "Z"] = clockTime.exec(value) ?? [];
  if (!day || !time) return value;
  if (/^(Z|UTC|[+-]00(:?00)?)$/i.test(zone)) return `${day}T${time}Z`;
  const offset = /^([+-]\d\d):?(\d\d)?$/.exec(zone);
  const at = new Date(`${day}T${time.slice(0, 8)}${offset?.[1]}:${offset?.[2] ?? "00"}`);
  // An offset is whole minutes: the fraction of the second is kept as written.
  return Number.isNaN(at.getTime()) ? value : `${at.toISOString().slice(0, 19)}${time.slice(8)}Z`;
}

const epoch =
  (unit: number): Reader =>
  (stored) => {
    const value = held(stored);
    const count = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (count === 0) return null;
    if (typeof count !== "number") return value;
    const at = new Date(count * unit);
    return Number.isNaN(at.getTime()) ? value : at.toISOString();
  };

const truth: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  "1": true,
  false: false,
  f: false,
  no: false,
  n: false,
  "0": false,
};

const readers: Readonly<Record<ReadAs, Reader>> = {
  text,
  decimal: text,
  moment,
  date: (stored) => {
    const value = moment(stored);
    return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? value.slice(0, 10) : value;
  },
  epochSeconds: epoch(1_000),
  epochMilliseconds: epoch(1),
  number: (stored) => {
    const value = held(stored);
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number) ? number : value;
  },
  boolean: (stored) => {
    const value = held(stored);
    return value === null ? null : (truth[String(value).toLowerCase()] ?? value);
  },
};
