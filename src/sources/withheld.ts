import type { Row, Value } from "./contract.ts";

/** Stands in the place of a passage; it tells nothing of it, not even how long it is. */
export const omission = "[…]";

/** A part of a text, in code points. */
export interface Passage {
  readonly start: number;
  readonly length: number;
}

/** What is withheld of one text, since it is about somebody else (GDPR Art. 15(4)). */
export interface Mark {
  readonly source: string;
  /** As in the graph: `conversations`, `orders.returns`; `other` for what a system holds beyond the common model. */
  readonly recordType: string;
  readonly field: string;
  /** Keyed hash of the whole text: one that has changed since is another, and is shown. */
  readonly textHash: string;
  readonly passages: readonly Passage[];
}

/** A person's marks in a source, and how a text is known again. */
export interface Withholding {
  of(subjectId: string, source: string): Promise<readonly Mark[]>;
  readonly hash: (text: string) => string;
}

/** A row as the person themself is shown it. */
export type Veil = (recordType: string, row: Row) => Row;

/** The text without the passages, each of which becomes one `omission`; those that overlap or touch become one together. */
export function withoutPassages(text: string, passages: readonly Passage[]): string {
  const points = [...text];
  let shown = "";
  let at = 0;
  for (const { start, end } of joined(passages)) {
    shown += points.slice(at, start).join("") + omission;
    at = end;
  }
  return shown + points.slice(at).join("");
}

/** In order, with a gap between any two. */
function joined(passages: readonly Passage[]): readonly { readonly start: number; readonly end: number }[] {
  const all: { start: number; end: number }[] = [];
  for (const { start, length } of passages.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, start + length);
    else all.push({ start, end: start + length });
  }
  return all;
}

/** Whether they can be taken out of the text: each within it, with something to read in it, and none in another. */
export function arePassages(text: string, passages: readonly Passage[]): boolean {
  const points = [...text];
  const inOrder = passages.toSorted((a, b) => a.start - b.start);
  return inOrder.every(({ start, length }, i) => {
    const before = inOrder[i - 1];
    return (
      Number.isInteger(start) &&
      Number.isInteger(length) &&
      start >= (before ? before.start + before.length : 0) &&
      length > 0 &&
      start + length <= points.length &&
      points
        .slice(start, start + length)
        .join("")
        .trim() !== ""
    );
  });
}

/** Null: nothing is withheld. The row itself stays as it is: others are shown it whole. */
export function veilOf(marks: readonly Mark[], hash: Withholding["hash"]): Veil | null {
  if (marks.length === 0) return null;
  return (recordType, row) => {
    const own = marks.filter((mark) => mark.recordType === recordType);
    const veiled: Record<string, Value> = {};
    for (const field of new Set(own.map((mark) => mark.field))) {
      const text = row[field];
      if (typeof text !== "string" || text === "") continue;
      const hashed = hash(text);
      const found = own.filter((mark) => mark.field === field && mark.textHash === hashed);
      if (found.length > 0)
        veiled[field] = withoutPassages(
          text,
          found.flatMap(({ passages }) => passages),
        );
    }
    return { ...row, ...veiled };
  };
}
