import { InvalidCursor } from "./contract.ts";

/** Where a row stands in its collection: what the collection is ordered by, exactly as the source writes it. */
export type Position = readonly (string | null)[];

/** Opaque: base64url of the collection's name and the position. */
export function encodeCursor(collection: string, position: Position): string {
  return Buffer.from(JSON.stringify([collection, ...position])).toString("base64url");
}

/** `length`: parts that a position of the collection has. */
export function decodeCursor(collection: string, cursor: string, length: number): Position {
  const [name, ...position] = parts(cursor);
  if (name !== collection || position.length !== length) throw new InvalidCursor();
  // Base64 and JSON have many spellings of one value: only our own is accepted.
  if (encodeCursor(collection, position) !== cursor) throw new InvalidCursor();
  return position;
}

function parts(cursor: string): (string | null)[] {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (cause) {
    throw new InvalidCursor(undefined, { cause });
  }
  if (!Array.isArray(decoded)) throw new InvalidCursor();
  return decoded.map((part: unknown) => {
    // No source's text holds NUL; databases refuse it in ways that differ.
    if (part === null || (typeof part === "string" && !part.includes("\0"))) return part;
    throw new InvalidCursor();
  });
}
