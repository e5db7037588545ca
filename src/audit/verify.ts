import { createSecretKey } from "node:crypto";
import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";
import type { Fault, Integrity, Report, Snapshot } from "./integrity.ts";
import { emptyHead } from "./mac.ts";
import { walkSeals } from "./verify-seals.ts";
import { walkUnsealed } from "./verify-unsealed.ts";

export interface VerifyOptions {
  /** A head that was written down earlier: must occur in the chain. Hex. */
  readonly expectedHead?: string | undefined;
}

/**
 * Recomputes the whole trail as it stands at one moment, in bounded memory, without holding anybody up.
 *
 * Finds whatever is changed, removed, inserted or moved by somebody who can write to the database but has not the key.
 * Two things it cannot know: that entries were removed before their seal, together with their place in the queue; and,
 * without an expected head, that the last seals were cut off together with their entries.
 */
export function verifyTrail(
  store: Store,
  auditKey: Uint8Array,
  { expectedHead }: VerifyOptions = {},
): Promise<Integrity> {
  const key = createSecretKey(auditKey);
  const expected = expectedHead?.toLowerCase();
  const snapshot = dbOf(store).transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return snapshot.execute(async (tx) => {
    const first = lowest();
    let known = expected === undefined || expected === emptyHead(key);
    const onHead = (head: string) => (known ||= head === expected);
    const { seals, head } = await walkSeals(tx, key, { report: first.report, onHead });
    const unsealed = await walkUnsealed(tx, key, first.report);
    const fault = first.fault() ?? (known ? null : "HEAD_UNKNOWN");
    return {
      intact: fault === null,
      entries: await countEntries(tx),
      seals,
      unsealed,
      firstBroken: first.sequence(),
      fault,
      head,
    };
  });
}

/** Keeps the fault of the lowest sequence; of several in one, the first reported. */
function lowest() {
  let sequence: bigint | null = null;
  let fault: Fault | null = null;
  const report: Report = (found, at) => {
    if (at === null) fault ??= found;
    else if (sequence === null || BigInt(at) < sequence) [sequence, fault] = [BigInt(at), found];
  };
  return { report, sequence: () => sequence?.toString() ?? null, fault: () => fault };
}

async function countEntries(tx: Snapshot): Promise<number> {
  const { rows } = await sql<{ entries: string }>`select count(*)::text as entries from audit_entry`.execute(
    tx,
  );
  return Number(rows[0]?.entries);
}
