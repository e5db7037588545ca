import { SourceFailure } from "../sources/contract.ts";
import type { ErasableSource, Whose } from "../sources/erasures.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { dbOf } from "../store/tables.ts";
import { erasureIn, erasureOf, type ErasureSourceRow, whoseIn } from "./erasure-rows.ts";
import { type KeptRecord, keptOf } from "./kept.ts";
import { elsewhereAttempts, type SourceWork } from "./source-work.ts";
import type { StepEnd, Task } from "./step.ts";

/** What the steps of an erasure work with. */
export interface ErasureWork extends Omit<SourceWork, "sources"> {
  readonly sources: ReadonlyMap<string, ErasableSource>;
  readonly connected: readonly ConnectedSource[];
  readonly register: RegisterParts;
}

/** A source as an erasure has read it. */
export interface InSource {
  readonly source: ErasableSource;
  readonly module: ConnectedSource;
  /** Null: it held nothing of the person when the plan was made. */
  readonly row: ErasureSourceRow | null;
  /** Null: it had nothing of the person. */
  readonly whose: Whose | null;
  /** The day (ISO 8601) on which it is judged what the law keeps. */
  readonly today: string;
}

/** The source of a step, or how the step ends without one. */
export function connectedTo(
  { sources, connected }: ErasureWork,
  { step }: Pick<Task, "step">,
): { readonly source: ErasableSource; readonly module: ConnectedSource } | { readonly end: StepEnd } {
  const source = sources.get(step.source);
  const module = connected.find(({ key }) => key === step.source);
  if (source && module) return { source, module };
  if (step.attempts < elsewhereAttempts) throw new SourceFailure("UNREACHABLE");
  return { end: { state: "FAILED", result: "FAILED", detail: "NOT_CONNECTED" } };
}

/** What the step's source said before anything of it was erased. */
export async function inSource(work: ErasureWork, task: Task): Promise<InSource | { readonly end: StepEnd }> {
  const connection = connectedTo(work, task);
  if ("end" in connection) return connection;
  const db = dbOf(work.register.store);
  const [erasure, row] = await Promise.all([
    erasureOf(db, task.request.id),
    erasureIn(db, task.request.id, task.step.source),
  ]);
  if (!erasure) throw new Error("a step of an erasure that is gone");
  const key = row?.sealed_record ? await keyOfPerson(db, work.register, task.subject.id) : null;
  return { ...connection, row, whose: row && key && whoseIn(key, row), today: erasure.as_of };
}

/** What the law keeps there, as it is now. Rejects with `SourceFailure`. */
export const keptThere = (
  { register }: ErasureWork,
  { source, module, today }: InSource,
  whose: Whose,
  signal: AbortSignal,
): Promise<KeptRecord> =>
  keptOf({ source, labels: module.labels, today, hash: register.keyring.hash("request") }, whose, { signal });
