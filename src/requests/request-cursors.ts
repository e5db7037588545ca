import { InvalidCursor } from "../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../sources/cursor.ts";
import { isUuid } from "../store/uuid.ts";
import type { RequestNode } from "./request-graph.ts";
import type { RequestPosition } from "./rows.ts";
import type { DuePosition } from "./work-list.ts";

const [byReceipt, byUrgency] = ["requests", "workList"];

export const receivedCursor = ({ receivedAt, id }: RequestNode) =>
  encodeCursor(byReceipt, [receivedAt.toISOString(), id]);
export const dueCursor = ({ dueAt, id }: RequestNode) => encodeCursor(byUrgency, [dueAt.toISOString(), id]);

/** @throws InvalidCursor */
export function receivedPosition(cursor: string): RequestPosition {
  const [receivedAt, id] = positionIn(byReceipt, cursor);
  return { receivedAt, id };
}

/** @throws InvalidCursor */
export function duePosition(cursor: string): DuePosition {
  const [dueAt, id] = positionIn(byUrgency, cursor);
  return { dueAt, id };
}

function positionIn(collection: string, cursor: string): readonly [Date, string] {
  const [moment, id] = decodeCursor(collection, cursor, 2);
  const at = new Date(moment ?? "");
  if (Number.isNaN(at.getTime()) || at.toISOString() !== moment || !isUuid(id ?? ""))
    throw new InvalidCursor();
  return [at, id ?? ""];
}
