import { dayOf } from "../access/holds.ts";
import type { LegalGround } from "../access/legal-grounds.ts";
import { SourceFailure, type SourceFailureReason } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { RecordFinder } from "../sources/match.ts";
import { ownRecord } from "../sources/writes.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { type Holding, readForErasure } from "./erasure-read.ts";
import type { ErasureAction } from "./vocabulary.ts";

/** Why a source cannot be planned for. */
export type Obstacle = SourceFailureReason | "NEEDS_REVIEW" | "NOT_VERIFIED" | "CANNOT_ERASE";

export interface PlanItem {
  readonly source: string;
  readonly recordType: string;
  readonly count: number;
  readonly action: ErasureAction;
  readonly ground: LegalGround | null;
  /** ISO 8601. */
  readonly retainedUntil: string | null;
  readonly obstacle: Obstacle | null;
}

export interface Plan {
  /** The day (ISO 8601) on which it was judged what the law keeps. */
  readonly asOf: string;
  readonly items: readonly PlanItem[];
  /** Keyed hash of whom it is about, of all that it says, and of what the rows say that the law keeps. */
  readonly hash: string;
}

interface PlannedSource {
  readonly items: readonly PlanItem[];
  /** As in `KeptRecord.digest`. */
  readonly keptDigest: string;
}

/** By person and source: however often an operation asks, a source is read for it once. */
export type PlannedSources = Map<string, Promise<PlannedSource>>;

export interface PlanParts {
  readonly connected: readonly ConnectedSource[];
  readonly erasable: ReadonlyMap<string, ErasableSource>;
  readonly finder: RecordFinder;
  readonly register: RegisterParts;
  /** Milliseconds for each source. */
  readonly timeLimit: number;
  readonly planned: PlannedSources;
}

/** What an erasure would do now. Nothing is changed. `sources` null: all of them. */
export async function planErasure(
  parts: PlanParts,
  subject: Subject,
  sources: readonly string[] | null,
): Promise<Plan> {
  const { store, keyring } = parts.register;
  const asOf = dayOf(await databaseNow(dbOf(store)));
  const concerned = parts.connected.filter(({ key }) => sources === null || sources.includes(key));
  const planned = await Promise.all(concerned.map((module) => plannedIn(parts, module, subject, asOf)));
  const items = planned.flatMap((each) => each.items);
  const said = items.map(({ obstacle: _obstacle, ...item }) => item);
  const scope = sources === null ? null : [...new Set(sources)].sort();
  const text = JSON.stringify([scope, said, planned.map(({ keptDigest }) => keptDigest)]);
  return { asOf, items, hash: keyring.hash("request")("plan", subject.id, text) };
}

function plannedIn(
  parts: PlanParts,
  module: ConnectedSource,
  subject: Subject,
  today: string,
): Promise<PlannedSource> {
  const name = `${subject.id} ${subject.viewer.as} ${module.key}`;
  const planned = parts.planned.get(name) ?? planSource(parts, module, subject, today);
  parts.planned.set(name, planned);
  return planned;
}

async function planSource(
  { erasable, finder, register, timeLimit }: PlanParts,
  module: ConnectedSource,
  subject: Subject,
  today: string,
): Promise<PlannedSource> {
  const source = erasable.get(module.key);
  if (!source) return unavailable(module.key, "UNREACHABLE");
  try {
    const signal = AbortSignal.timeout(timeLimit);
    const hash = register.keyring.hash("request");
    const reading = await readForErasure({ source, module, finder, subject, today, hash, signal });
    if (reading.state === "HELD" && module.capabilities.erases.length === 0)
      return unavailable(module.key, "CANNOT_ERASE");
    if (!("whose" in reading)) return unavailable(module.key, reading.state);
    return { items: itemsOf(module, reading), keptDigest: reading.kept.digest };
  } catch (error) {
    if (error instanceof SourceUnavailable || error instanceof SourceFailure)
      return unavailable(module.key, error.reason);
    if (error instanceof DOMException) return unavailable(module.key, "TIMED_OUT");
    throw error;
  }
}

function itemsOf(
  { key: source, capabilities }: ConnectedSource,
  { tally, kept }: Pick<Holding, "tally" | "kept">,
): readonly PlanItem[] {
  return capabilities.erases.flatMap(({ recordType, manner }): PlanItem[] => {
    const groups = kept.groups.filter((group) => group.recordType === recordType);
    const count = (tally.get(recordType) ?? 0) - groups.reduce((sum, group) => sum + group.count, 0);
    const about = { source, recordType, obstacle: null };
    return [
      ...(count > 0 ? [{ ...about, count, action: manner, ground: null, retainedUntil: null }] : []),
      ...groups.map(({ count: rows, ground, until }) => ({
        ...about,
        count: rows,
        action: "RETAIN_RESTRICTED" as const,
        ground,
        retainedUntil: until,
      })),
    ];
  });
}

const unavailable = (source: string, obstacle: Obstacle): PlannedSource => ({
  items: [
    {
      source,
      recordType: ownRecord,
      count: 0,
      action: "UNAVAILABLE",
      ground: null,
      retainedUntil: null,
      obstacle,
    },
  ],
  keptDigest: "",
});
