/** PostgreSQL's object ids of its own types (pg_type.dat): fixed for ever. */
const oid = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
};

type Parse = (text: string) => string | number | boolean;

const number: Parse = (text) => {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

const integer: Parse = (text) => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
};

/** `2024-01-02 03:04:05.123456+00`, as a session in UTC writes it. Infinity and years BC stay as held. */
const momentFrom =
  (zone: number): Parse =>
  (text) =>
    text.charCodeAt(10) === 32 && !text.endsWith("BC")
      ? `${text.slice(0, 10)}T${text.slice(11, text.length - zone)}Z`
      : text;

const parsers = new Map<number, Parse>([
  [oid.bool, (text) => text === "t"],
  [oid.int8, integer],
  [oid.int2, number],
  [oid.int4, number],
  [oid.oid, number],
  [oid.float4, number],
  [oid.float8, number],
  [oid.timestamp, momentFrom(0)],
  [oid.timestamptz, momentFrom("+00".length)],
]);

const asHeld: Parse = (text) => text;

/** Parses columns by their type in the answer: exact decimals, moments to the microsecond, the rest as text. */
export class RowTypes {
  getTypeParser(type: number): Parse {
    return parsers.get(type) ?? asHeld;
  }
}
