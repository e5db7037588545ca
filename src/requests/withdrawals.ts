import { sql } from "kysely";
import { SourceFailure } from "../sources/contract.ts";
import type { Withdrawal, WritableSource } from "../sources/writes.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf } from "../store/tables.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { latestConsent, recordConsent } from "../subjects/consents.ts";
import { identifierHash } from "../subjects/people.ts";
import { consentSteps, writtenFor } from "./consent-steps.ts";
import { type DeskParts, openRequest } from "./desk.ts";
import type { Disclosures } from "./disclosures.ts";
import { currentPolicy } from "./policies.ts";
import { SaidMeanwhile } from "./said-meanwhile.ts";

export interface WithdrawalParts extends DeskParts {
  readonly sources: ReadonlyMap<string, WritableSource>;
  readonly connected: readonly ConnectedSource[];
  readonly disclosures: Disclosures;
  readonly onPoll: (source: string, outcome: "ok" | "failed", takenOver: number) => void;
}

/** Milliseconds that are looked at again: what was noted while the last look was under way. */
const overlap = 60_000;
const patience = 30_000;
/** Milliseconds that a source's clock may be behind, where it is asked whether it was us who had it stop. */
const drift = 5_000;

/**
 * Takes over whom a source has stopped writing to of its own accord, since it was asked last: a yes that is older ends.
 * A yes is never taken over, so that the stricter of the two always counts. Resolves where the source could not say, too.
 */
export async function takeOverWithdrawals(parts: WithdrawalParts, sourceKey: string): Promise<void> {
  const source = parts.sources.get(sourceKey);
  if (!source?.capabilities.tellsWithdrawals) return;
  const db = dbOf(parts.register.store);
  const seen = await db
    .selectFrom("withdrawals_seen")
    .select("until")
    .where("source", "=", sourceKey)
    .executeTakeFirst();
  const since = seen ? new Date(seen.until.getTime() - overlap) : null;
  let withdrawals: readonly Withdrawal[];
  try {
    const told = await source.withdrawals(since, { signal: AbortSignal.timeout(patience) });
    const now = await databaseNow(db);
    // What its clock has of tomorrow would hide all that comes until then.
    withdrawals = told.map((each) => (each.at > now ? { ...each, at: now } : each));
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    return parts.onPoll(sourceKey, "failed", 0);
  }
  let taken = 0;
  const failed: { readonly at: Date; readonly error: unknown }[] = [];
  for (const withdrawal of withdrawals) {
    try {
      taken += await takeOver(parts, sourceKey, withdrawal);
    } catch (error) {
      // One that cannot be taken over keeps no other from being heard.
      failed.push({ at: withdrawal.at, error });
    }
  }
  const [first] = failed;
  const until = first?.at ?? withdrawals.at(-1)?.at ?? seen?.until ?? new Date(0);
  await db
    .insertInto("withdrawals_seen")
    .values({ source: sourceKey, until })
    .onConflict((conflict) =>
      conflict.column("source").doUpdateSet((set) => ({
        until: set.fn<Date>("greatest", ["excluded.until", "withdrawals_seen.until"]),
      })),
    )
    .execute();
  parts.onPoll(sourceKey, first ? "failed" : "ok", taken);
  if (first) throw first.error;
}

/** Everybody who goes by the address: where several do, none of them is written to there any more. */
async function takeOver(parts: WithdrawalParts, source: string, withdrawal: Withdrawal): Promise<number> {
  const db = dbOf(parts.register.store);
  let taken = 0;
  for (const subjectId of await whoGoesBy(db, parts, source, withdrawal)) {
    if (!(await endsYes(db, subjectId, withdrawal))) continue;
    if (await cameOfUs(db, subjectId, source, withdrawal.at)) continue;
    if (await withdraw(parts, subjectId, source, withdrawal)) taken += 1;
  }
  return taken;
}

async function endsYes(db: Db, subjectId: string, { at }: Withdrawal): Promise<boolean> {
  const latest = await latestConsent(db, subjectId, writtenFor);
  return latest?.status === "GIVEN" && latest.at < at;
}

/**
 * The source stopped because we had it stop, for as long as processing is restricted, or before the person is erased from
 * it: the person has said nothing.
 */
async function cameOfUs(db: Db, subjectId: string, source: string, at: Date): Promise<boolean> {
  const { rows } = await sql`select 1 from request_step st
    join request q on q.id = st.request_id left join restriction r on r.request_id = q.id and r.subject_id = q.subject_id
    where q.subject_id = ${subjectId} and st.source = ${source} and st.action = 'SUPPRESS'
      and case q.kind when 'ERASURE' then st.attempts > 0 else r.since <= ${new Date(at.getTime() + drift)} end
      and (st.finished_at is null or st.finished_at >= ${new Date(at.getTime() - overlap)}) limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

async function whoGoesBy(
  db: Db,
  { register }: WithdrawalParts,
  source: string,
  { identifiers }: Withdrawal,
): Promise<readonly string[]> {
  if (identifiers.length === 0) return [];
  const rows = await db
    .selectFrom("identifier")
    .select("subject_id")
    .distinct()
    .where("hash", "in", identifiers.map(identifierHash(register.keyring.hash("identifier"))))
    .where("source", "in", ["", source])
    .execute();
  return rows.map(({ subject_id }) => subject_id);
}

/** False: nothing was left to withdraw. */
async function withdraw(
  parts: WithdrawalParts,
  subjectId: string,
  source: string,
  withdrawal: Withdrawal,
): Promise<boolean> {
  const by = {
    role: "SUBJECT",
    actorRef: null,
    requestId: `withdrawals ${source}`,
    coordinate: "Mutation.setConsent",
    language: "nb",
  } as const;
  const opening = openRequest(
    parts,
    {
      subjectId,
      kind: "CONSENT_WITHDRAWAL",
      channel: "EMAIL",
      by,
      purpose: writtenFor,
      steps: await consentSteps(parts, subjectId, writtenFor, "CONSENT_WITHDRAWN"),
    },
    async (db, request) => {
      const { version: policyVersion } = await currentPolicy(db);
      if (!(await endsYes(db, request.subject_id, withdrawal))) throw new SaidMeanwhile();
      await recordConsent(db, request.subject_id, {
        purpose: writtenFor,
        status: "WITHDRAWN",
        at: withdrawal.at,
        byRole: "SUBJECT",
        channel: source,
        policyVersion,
        requestId: request.id,
      });
    },
  );
  return opening.then(
    () => true,
    (error: unknown) => {
      if (error instanceof SaidMeanwhile) return false;
      throw error;
    },
  );
}
