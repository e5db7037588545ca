import { SourceFailure } from "../../sources/contract.ts";

/** Whole numbers that a double cannot hold stay text: they are keys. Rejects without quoting the answer. */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes what it could not read.
    throw new SourceFailure("MALFORMED_ANSWER");
  }
}

function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return context?.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

/** What lies at a dotted path; undefined where there is nothing. The empty path is the value itself. */
export function at(value: unknown, path: string): unknown {
  if (path === "") return value;
  let found = value;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** The array at a path. Anything else there is a malformed answer. */
export function arrayAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  if (!Array.isArray(found)) throw new SourceFailure("MALFORMED_ANSWER");
  return found;
}

/** A key or a position: whatever its type, text to us. */
export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  if (typeof found === "string" && found !== "") return found;
  if (typeof found === "number" || typeof found === "bigint") return String(found);
  throw new SourceFailure("MALFORMED_ANSWER");
}

/** A count. */
export function numberAt(value: unknown, path: string): number {
  const found = Number(textAt(value, path));
  if (!Number.isSafeInteger(found) || found < 0) throw new SourceFailure("MALFORMED_ANSWER");
  return found;
}
