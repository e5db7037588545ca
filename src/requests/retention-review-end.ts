import type { ExpiredRow, Expiring, ExpiringSource } from "../sources/expiring.ts";
import { ownRecord } from "../sources/writes.ts";
import { dbOf } from "../store/tables.ts";
import { batchOf, keepBatch } from "./retention-review-batches.ts";
import type { CountParts } from "./retention-review-count.ts";
import type { ReviewItemRow } from "./retention-review-rows.ts";
import { sparedIn, sparedState } from "./retention-review-spared.ts";

/** What is to go of one record type. */
export interface Ending {
  readonly item: ReviewItemRow;
  readonly expiring: ExpiringSource;
  readonly asked: Expiring;
}

/** What is there once something has been made to go. */
export interface Ended {
  /** That should be gone. */
  readonly remaining: number;
  /** Whoever is to be left alone, too. */
  readonly over: number;
  /** Left alone. */
  readonly setAside: number;
}

/**
 * Makes what a review has found go, page by page, until the source shows nothing of it any more or goes no further. What has
 * changed since it was found is judged again, in the source. Null: the time is up.
 */
export async function endExpired(parts: CountParts, ending: Ending, until: number): Promise<Ended | null> {
  for (let [before, batch] = [Infinity, batchOf(parts.register, ending.item)]; ;) {
    if (!(await pass(parts, ending, batch, until))) return null;
    const now = await remainingOf(parts, ending);
    if (now.remaining === 0 || now.remaining >= before) return now;
    [before, batch] = [now.remaining, []];
  }
}

/** Once through all of them, those first that were under way. False: the time is up. */
async function pass(
  parts: CountParts,
  ending: Ending,
  begun: readonly ExpiredRow[],
  until: number,
): Promise<boolean> {
  const { item, expiring, asked } = ending;
  const isSpared = sparing(parts, item.source);
  if (!(await endBatch(parts, ending, await isSpared(begun), until))) return false;
  for (let after: string | null = null; ;) {
    const page = await expiring.page(asked, after, { signal: signalOf(parts) });
    if (!(await endBatch(parts, ending, await isSpared(page.rows), until))) return false;
    if (page.next === null) return true;
    if (Date.now() > until) return false;
    after = page.next;
  }
}

/** Leaves out whoever is to be left alone, also where they have asked for something since the rows were read. */
function sparing(parts: CountParts, source: string) {
  const db = dbOf(parts.register.store);
  let [state, spared]: [string | null, ReadonlySet<string>] = [null, new Set()];
  return async (rows: readonly ExpiredRow[]): Promise<readonly ExpiredRow[]> => {
    if (rows.length === 0) return rows;
    const now = await sparedState(db);
    if (now !== state) [state, spared] = [now, await sparedIn(parts, source)];
    return rows.filter(({ recordKeys }) => !recordKeys.some((key) => spared.has(key)));
  };
}

/** Of records, what their traces are known by is kept until those are gone as well. False: the time is up. */
async function endBatch(
  parts: CountParts,
  { item, expiring, asked }: Ending,
  rows: readonly ExpiredRow[],
  until: number,
): Promise<boolean> {
  const keep = async (left: readonly ExpiredRow[]) => {
    if (asked.recordType === ownRecord) await keepBatch(parts.register, item.id, left);
  };
  await keep(rows);
  for (let left = rows; left.length > 0;) {
    if (Date.now() > until) return false;
    left = await expiring.end(asked, left, { signal: signalOf(parts), idempotencyKey: item.id });
    await keep(left);
  }
  return true;
}

export async function remainingOf(parts: CountParts, { item, expiring, asked }: Ending): Promise<Ended> {
  const { over, left } = await expiring.count(asked, { signal: signalOf(parts) });
  const spared = over === 0 ? [] : [...(await sparedIn(parts, item.source))];
  const aside = Math.min(over, await expiring.countOf(asked, spared, { signal: signalOf(parts) }));
  return { remaining: over - aside, over, setAside: left + aside };
}

const signalOf = ({ surveyMilliseconds }: CountParts) => AbortSignal.timeout(surveyMilliseconds);
