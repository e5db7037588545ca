import type { ExpiredRow, Expiring, ExpiringSource } from "../sources/expiring.ts";
import { ownRecord } from "../sources/writes.ts";
import { dbOf } from "../store/tables.ts";
import type { CountParts } from "./retention-review-count.ts";
import { batchOf, keepBatch, type ReviewItemRow } from "./retention-review-rows.ts";
import { sparedIn, sparedState } from "./retention-review-spared.ts";

/** What is to go of one record type. */
export interface Ending {
  readonly item: ReviewItemRow;
  readonly expiring: ExpiringSource;
  readonly asked: Expiring;
}

/**
 * Makes what a review has found go, page by page, until the source shows nothing of it any more or goes no further. What has
 * changed since it was found is judged again, in the source. Null: the time is up. @returns what is left that should be gone
 */
export async function endExpired(parts: CountParts, ending: Ending, until: number): Promise<number | null> {
  await endBatch(parts, ending, batchOf(parts.register, ending.item));
  for (let before = Infinity; ;) {
    if (!(await pass(parts, ending, until))) return null;
    const remaining = await remainingOf(parts, ending);
    if (remaining === 0 || remaining >= before) return remaining;
    before = remaining;
  }
}

/** Once through all of them. False: the time is up. */
async function pass(parts: CountParts, ending: Ending, until: number): Promise<boolean> {
  const { item, expiring, asked } = ending;
  const db = dbOf(parts.register.store);
  let [state, spared] = ["", new Set<string>() as ReadonlySet<string>];
  for (let after: string | null = null; ;) {
    const page = await expiring.page(asked, after, { signal: signalOf(parts) });
    // Also of whoever has asked for something while the page was read.
    const now = await sparedState(db);
    if (now !== state) [state, spared] = [now, await sparedIn(parts, item.source)];
    await endBatch(
      parts,
      ending,
      page.rows.filter(({ recordKey }) => !spared.has(recordKey)),
    );
    if (page.next === null) return true;
    if (Date.now() > until) return false;
    after = page.next;
  }
}

/** Of a record, what its traces are known by is kept until they are gone as well. */
async function endBatch(
  parts: CountParts,
  { item, expiring, asked }: Ending,
  rows: readonly ExpiredRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const db = dbOf(parts.register.store);
  if (asked.recordType === ownRecord) await keepBatch(db, parts.register, item.id, rows);
  const options = () => ({ signal: signalOf(parts), idempotencyKey: item.id });
  for (let isDone = false; !isDone;) isDone = await expiring.end(asked, rows, options());
  if (asked.recordType === ownRecord) await keepBatch(db, parts.register, item.id, []);
}

async function remainingOf(parts: CountParts, { item, expiring, asked }: Ending): Promise<number> {
  const { over } = await expiring.count(asked, { signal: signalOf(parts) });
  if (over === 0) return 0;
  const spared = [...(await sparedIn(parts, item.source))];
  return Math.max(0, over - (await expiring.countOf(asked, spared, { signal: signalOf(parts) })));
}

const signalOf = ({ surveyMilliseconds }: CountParts) => AbortSignal.timeout(surveyMilliseconds);
