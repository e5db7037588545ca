import { type LegalGround, legalGrounds } from "../access/legal-grounds.ts";
import type { Remainder, Whose } from "../sources/erasures.ts";
import { ownRecord, type WriteOutcome } from "../sources/writes.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { dayOf } from "../access/holds.ts";
import { databaseNow } from "../store/clock.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import { insertSteps } from "./desk.ts";
import { isAtWork } from "./end-others.ts";
import {
  erasureIn,
  erasureOf,
  type ErasureSourceRow,
  noteBegun,
  noteRead,
  type ReadSource,
  whoseIn,
} from "./erasure-rows.ts";
import { type Holding, readForErasure, readRecord } from "./erasure-read.ts";
import { stepsSincePlan } from "./erasure-steps.ts";
import { connectedTo, type ErasureWork, inSource, keptThere } from "./erasure-work.ts";
import type { KeptGroup } from "./kept.ts";
import { stepsOf } from "./rows.ts";
import { insertRetained } from "./retained.ts";
import { endOf } from "./source-work.ts";
import type { StepEnd, StepHandler, Task } from "./step.ts";

/** Captures what names the person in a source, and how much there is, before anything goes. */
export function readStep(work: ErasureWork): StepHandler {
  return async (task) => {
    const connection = connectedTo(work, task);
    if ("end" in connection) return connection.end;
    const { register } = work;
    const db = dbOf(register.store);
    // What another request of the person is writing there must not come after it has been erased.
    if (await isAtWork(db, task.request, task.step.source))
      return { state: "PENDING", reason: null, retryAt: inAMoment() };
    const erasure = await erasureOf(db, task.request.id);
    const parts = {
      ...connection,
      finder: work.newFinder(),
      subject: task.subject,
      today: erasure?.as_of ?? dayOf(await databaseNow(db)),
      hash: register.keyring.hash("request"),
      signal: task.signal,
    };
    const named = await namedBefore(work, task);
    const reading = named ? await readRecord(parts, named) : await readForErasure(parts);
    const { source } = task.step;
    if (!("whose" in reading)) return { state: "FAILED", result: "FAILED", detail: "NEEDS_REVIEW" };
    const found = foundIn(source, reading, register.keyring.hash("record"));
    await inTransaction(register.store, async (tx) => {
      const key = await keyOfPerson(tx, register, await lockPerson(tx, task.subject.id));
      await noteRead(tx, key, task.request.id, { source, found });
      if (found === null) return;
      const steps = await stepsOf(tx, [task.request.id]);
      await insertSteps(tx, task.request.id, stepsSincePlan(steps, connection.module, reading), key);
    });
    if (found === null) return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
    return { state: "DONE", result: "DONE", count: sum(found.tally.values()) };
  };
}

/** Null: there is neither a record of the person nor anything beside one. */
function foundIn(
  source: string,
  { whose, shared, others, tally, kept }: Holding,
  hashRecord: KeyedHash,
): ReadSource["found"] {
  const { recordKey } = whose;
  if (recordKey === null && sum(tally.values()) === 0) return null;
  return {
    whose,
    beside: { shared, others: others.map((each) => hashRecord(source, each)) },
    recordHash: recordKey === null ? null : hashRecord(source, recordKey),
    tally,
    keptDigest: kept.digest,
  };
}

/** The record, where the erasure is of one that was known when it was asked for. */
async function namedBefore(
  { register }: ErasureWork,
  { request, step, subject }: Task,
): Promise<Whose | null> {
  const db = dbOf(register.store);
  const row = await erasureIn(db, request.id, step.source);
  return row?.sealed_record && row.tally === null
    ? whoseIn(await keyOfPerson(db, register, subject.id), row)
    : null;
}

const inAMoment = () => new Date(Date.now() + 500);

/** Marks what the law keeps of a record type, here and in the source: from now on it is used for nothing else. */
export function keepStep(work: ErasureWork): StepHandler {
  return async (task): Promise<StepEnd> => {
    const at = await inSource(work, task);
    if ("end" in at) return at.end;
    const recordType = task.step.record_type ?? ownRecord;
    if (at.row === null) return notRead;
    if (at.whose === null) return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
    const { rows, groups } = await keptThere(work, at, at.whose, task.signal);
    const kept = groups.filter((group) => group.recordType === recordType);
    if (kept.length === 0) return { state: "DONE", result: "ABSENT" };
    await noteBegun(dbOf(work.register.store), at.row.id);
    await insertRetained(dbOf(work.register.store), task.request.id, task.step.source, kept);
    const outcome = await at.source.keep({ whose: at.whose, recordType, kept: rows }, optionsOf(task));
    // Where the system cannot mark, the gateway restricts all the same.
    return outcome.state === "done" || outcome.state === "refused" ? retained(kept) : endOf(outcome);
  };
}

/** Erases or anonymises everything of a record type but what the law keeps; of a kept record, all that it does not need. */
export function eraseStep(work: ErasureWork): StepHandler {
  return async (task): Promise<StepEnd> => {
    const at = await inSource(work, task);
    if ("end" in at) return at.end;
    const { source, row, whose } = at;
    const recordType = task.step.record_type ?? ownRecord;
    if (row === null) return notRead;
    if (whose === null) return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
    if (at.module.capabilities.erases.length === 0) return cannotErase;
    await noteBegun(dbOf(work.register.store), row.id);
    const { rows: kept, groups } = await keptThere(work, at, whose, task.signal);
    const options = optionsOf(task);
    if (recordType === ownRecord) {
      // What has come since it was read hangs on the record as well.
      for (const rest of restOf(await source.remains(whose, kept, options))) {
        const outcome = await source.erase({ whose, recordType: rest, kept }, options);
        if (outcome.state !== "done" && outcome.state !== "absent") return erased(outcome, row);
      }
    }
    const outcome = await source.erase({ whose, recordType, kept }, options);
    if (outcome.state !== "done" && outcome.state !== "absent") return erased(outcome, row);
    const isKept = recordType === ownRecord && kept.has(ownRecord);
    const keptRows = groups.filter((group) => group.recordType === recordType);
    if (keptRows.length > 0 && !(await isPlanned(work, task))) {
      // It has come, or has come under the law, since the plan was made.
      await insertRetained(dbOf(work.register.store), task.request.id, task.step.source, keptRows);
      await source.keep({ whose, recordType, kept }, options);
      return retained(keptRows);
    }
    const count = isKept ? 1 : (row.tally?.[recordType] ?? 0) - sum(keptRows.map((group) => group.count));
    if (count <= 0 && whose.recordKey === null)
      return { state: "DONE", result: "ABSENT", detail: "NOT_HELD" };
    if (count <= 0) return { state: "DONE", result: "ABSENT" };
    if (task.step.action === "ANONYMISE") return { state: "DONE", result: "ANONYMISED", count };
    return {
      state: "DONE",
      result: "DONE",
      count,
      ...(isKept && { detail: "REDUCED_TO_DOCUMENT" as const }),
    };
  };
}

/** Whether a step of its own marks what is kept of the record type. */
async function isPlanned({ register }: ErasureWork, { step, request }: Task): Promise<boolean> {
  const steps = await stepsOf(dbOf(register.store), [request.id]);
  return steps.some(
    ({ action, source, record_type }) =>
      action === "RESTRICT" && source === step.source && record_type === step.record_type,
  );
}

/** Milliseconds after which a job of the system's own that has not ended is shown to staff; it is asked on. */
const jobPatience = 3_600_000;

/** Staff have said of the reading that they have seen to it: what there was, only they can say. */
const notRead = { state: "DONE", result: "DONE", detail: "CONFIRMED_BY_STAFF" } as const satisfies StepEnd;

const cannotErase = { state: "FAILED", result: "FAILED", detail: "CANNOT_ERASE" } as const satisfies StepEnd;

/** A system that does not erase is for staff, and one that has taken it on is asked again. */
function erased(outcome: WriteOutcome, { begun_at }: ErasureSourceRow): StepEnd {
  if (outcome.state === "refused") return cannotErase;
  if (outcome.state === "retry") {
    const isLate = begun_at !== null && Date.now() - begun_at.getTime() > jobPatience;
    return { state: "PENDING", reason: isLate ? "TIMED_OUT" : null, retryAt: outcome.at };
  }
  return endOf(outcome);
}

/** What is somebody else's is not erased, and the verification says so. */
function restOf(left: readonly Remainder[]): readonly string[] {
  const own = left.filter(({ recordType, ofOthers }) => recordType !== ownRecord && !ofOthers);
  return [...new Set(own.map(({ recordType }) => recordType))];
}

function retained(kept: readonly KeptGroup[]): StepEnd {
  const grounds = [...new Set(kept.map(({ ground }) => ground))];
  return {
    state: "RETAINED",
    result: "RETAINED",
    count: sum(kept.map(({ count }) => count)),
    retainedUntil:
      kept
        .map(({ until }) => until)
        .sort()
        .at(-1) ?? "",
    legalGround: citations(grounds),
  };
}

const citations = (grounds: readonly LegalGround[]) =>
  grounds.map((ground) => legalGrounds[ground].citation).join("; ");

const optionsOf = ({ signal, step }: Task) => ({ signal, idempotencyKey: step.id });

const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
