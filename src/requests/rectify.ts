import type { SourceRecord } from "../sources/contract.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Match } from "../sources/match.ts";
import { dbOf } from "../store/tables.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { type HeldFact, sameFact, versionOf } from "../subjects/unify.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import { isOfAnother, keepFindable } from "./changed-identity.ts";
import { keptByLaw } from "./erased-there.ts";
import type { RequestContext } from "./context.ts";
import { noticeSteps } from "./notices.ts";
import { rectifiables, type RectifiableField } from "./rectifiable.ts";
import { type Rectification, textOf } from "./rectify-step.ts";
import type { RequestRow } from "./rows.ts";
import type { NewStep, StepFinished } from "./step.ts";
import { overtakes, supersede } from "./supersede.ts";

/** A field that is to say something else; `value` as it has been validated. */
export interface Change {
  readonly field: RectifiableField;
  readonly value: string;
  /** Null: every source that holds the field. */
  readonly sources: readonly string[] | null;
  /** As in `HeldValue.version`, by source. */
  readonly expectedVersions: ReadonlyMap<string, string>;
}

/** One field in one source. */
interface Place {
  readonly change: Change;
  readonly source: ConnectedSource;
  /** The field of the source's record. */
  readonly column: string;
  readonly match: Match | { readonly state: "UNAVAILABLE" };
  /** What the source has is what the law has kept of an erasure. */
  readonly isKept: boolean;
}

/**
 * Has every change written into every source that holds the field. Nothing is written, and no request made, where one
 * of them cannot be. @throws Refused
 */
export async function rectify(
  changes: readonly Change[],
  actor: Actor,
  context: RequestContext,
): Promise<RequestRow> {
  const places = await Promise.all(changes.flatMap((change) => placesOf(change, actor, context)));
  for (const change of changes) refuseKept(places.filter((place) => place.change === change));
  refuseConflicts(places);
  await refuseOthers(places, actor, context);
  const { subject, by, channel, registered } = actor;
  const steps = (await Promise.all(places.map((place) => stepsAt(place, context)))).flat();
  const told = changes.map(({ field, value }) => ({ field, value }));
  const db = dbOf(context.requests.register.store);
  const writes = steps.some(({ end }) => end === undefined) || (await overtakes(db, subject.id, steps));
  const notices = writes
    ? await noticeSteps(context, subject.id, { event: "RECTIFICATION", changes: told })
    : [];
  await keepAllFindable(changes, actor, context);
  const { request } = await context.requests.open(
    {
      subjectId: subject.id,
      kind: "RECTIFICATION",
      channel,
      by,
      steps: [...steps, ...notices],
      digest: context.requests.digest(["RECTIFICATION", changes.map(canonical)]),
      ...(registered && { registered: registered.id }),
    },
    supersede,
  );
  return context.requests.settled(request.id);
}

const canonical = ({ field, value, sources }: Change) => [field, value, sources?.toSorted() ?? null];

function placesOf(change: Change, actor: Actor, context: RequestContext): readonly Promise<Place>[] {
  const { fact } = rectifiables[change.field];
  const chosen = context.connected.filter(
    ({ key, profile }) =>
      change.sources?.includes(key) ?? (profile[fact] !== undefined || change.expectedVersions.has(key)),
  );
  const places = chosen.map(async (source): Promise<Place> => {
    const column = source.profile[fact];
    if (column === undefined || (change.sources && !source.capabilities.rectifies.has(column)))
      throw new Refused("FIELD_NOT_HELD", { field: change.field, source: source.key });
    const match = await matchIn(source.key, actor, context);
    return { change, source, column, match, isKept: actor.subject.keptIn.has(source.key) };
  });
  if (places.length === 0) throw new Refused("FIELD_NOT_HELD", { field: change.field });
  return places;
}

async function matchIn(
  source: string,
  { subject }: Actor,
  { records }: RequestContext,
): Promise<Place["match"]> {
  try {
    return await records.find(source, subject);
  } catch (error) {
    if (error instanceof SourceUnavailable) return { state: "UNAVAILABLE" };
    throw error;
  }
}

const recordAt = ({ match }: Place): SourceRecord | null => (match.state === "HELD" ? match.record : null);

function factAt(place: Place, record: SourceRecord): HeldFact {
  const { change, source, column } = place;
  const value = textOf(record, column);
  const { fact } = rectifiables[change.field];
  return {
    source: source.key,
    value,
    version: versionOf(source.key, fact, value),
    updatedAt: record.updatedAt ?? null,
    rectifiable: source.capabilities.rectifies.has(column),
  };
}

/** What the law keeps says what it said; where it is named, or is all that there is of a field, nothing can be done. */
function refuseKept(places: readonly Place[]): void {
  const kept = places.find(({ isKept, match }) => isKept && match.state !== "NOT_HELD");
  const open = places.some(({ isKept, match }) => !isKept && match.state !== "NOT_HELD");
  if (kept && (kept.change.sources !== null || !open))
    throw new Refused("KEPT_BY_LAW", { field: kept.change.field, source: kept.source.key });
}

/** What has changed since the caller read it is shown, and left alone; what says the new value already is no conflict. */
function refuseConflicts(places: readonly Place[]): void {
  const changed = places.flatMap((place) => {
    const { field, value, expectedVersions } = place.change;
    const expected = expectedVersions.get(place.source.key);
    const record = recordAt(place);
    if (expected === undefined || record === null) return [];
    const held = factAt(place, record);
    const same = held.value !== null && sameFact(rectifiables[field].fact, held.value, value);
    return held.version === expected || same ? [] : [{ field, held }];
  });
  const [first] = changed;
  if (!first) return;
  const ofField = changed.filter(({ field }) => field === first.field);
  throw new Refused("CONFLICT", { field: first.field, current: ofField.map(({ held }) => held) });
}

/** Whoever asks learns that a value is taken: that is counted as a search is. */
async function refuseOthers(places: readonly Place[], { subject }: Actor, context: RequestContext) {
  const identifying = places.filter(({ change }) => rectifiables[change.field].identifies !== undefined);
  if (identifying.length === 0) return;
  await context.countSearch();
  for (const place of identifying) {
    const { change, source } = place;
    const { identifies } = rectifiables[change.field];
    if (identifies === undefined || place.match.state === "UNAVAILABLE") continue;
    const identifier = { kind: identifies, value: change.value };
    const taken = isOfAnother(context.requests, { subject }, source, recordAt(place), identifier);
    const isTaken = await taken.catch((error: unknown) => {
      // Its step looks again.
      if (error instanceof SourceUnavailable) return false;
      throw error;
    });
    if (isTaken) throw new Refused("OF_ANOTHER", { field: change.field });
  }
}

/** Systems that are not corrected, too, still know the person by what is left behind. */
async function keepAllFindable(
  changes: readonly Change[],
  actor: Actor,
  context: RequestContext,
): Promise<void> {
  const kinds = changes.flatMap(({ field }) => rectifiables[field].identifies ?? []);
  if (kinds.length === 0) return;
  for (const { key } of context.connected) {
    const match = await matchIn(key, actor, context);
    if (match.state !== "HELD") continue;
    const known = match.record.identifiers.filter(({ kind }) => kinds.includes(kind));
    if (known.length > 0) await keepFindable(context.requests, actor.subject.id, key, match.record, known);
  }
}

async function stepsAt(place: Place, context: RequestContext): Promise<readonly NewStep[]> {
  const { change, source, column } = place;
  const step = { source: source.key, action: "RECTIFY", field: change.field } as const;
  if (!source.capabilities.rectifies.has(column))
    return [{ ...step, end: { state: "FAILED", result: "FAILED", detail: "CANNOT_CORRECT" } }];
  if (place.isKept && place.match.state !== "NOT_HELD") return [{ ...step, end: keptByLaw }];
  const record = recordAt(place);
  const held = record && factAt(place, record);
  const expected = change.expectedVersions.get(source.key) ?? held?.version;
  const work: Rectification = {
    field: change.field,
    value: change.value,
    named: change.sources !== null,
    ...(expected !== undefined && { expected }),
  };
  const end = held && settledAlready(change, held);
  // The work is kept: an earlier correction may be about to write something else.
  if (end) return [{ ...step, work, end }];
  if (place.match.state === "NOT_HELD")
    return [{ ...step, work, end: { state: "DONE", result: "ABSENT", detail: "NOT_HELD" } }];
  return [{ ...step, work }, ...(record ? await snapshots(place, record, context) : [])];
}

function settledAlready({ field, value, sources }: Change, held: HeldFact): StepFinished | null {
  if (held.value === null)
    return sources === null ? { state: "DONE", result: "ABSENT", detail: "NOT_HELD" } : null;
  const same = sameFact(rectifiables[field].fact, held.value, value);
  return same ? { state: "DONE", result: "DONE", detail: "ALREADY_SO", count: 1 } : null;
}

/** Rows that repeat the field as it was: they are named, and left as they are. */
async function snapshots(
  { change, source, column }: Place,
  record: SourceRecord,
  { sources }: RequestContext,
): Promise<readonly NewStep[]> {
  const repeating = source.capabilities.snapshots.filter(({ repeats }) => repeats.includes(column));
  const pages = await Promise.all(
    repeating.map(async ({ collection }) => {
      const page = sources.page(source.key, collection, { recordKey: record.key, first: 1 });
      const rows = await page.then(
        ({ rows: found }) => found.length,
        (error: unknown) => {
          // Whether there are any is not known: that they would not be rewritten is.
          if (error instanceof SourceUnavailable) return 1;
          throw error;
        },
      );
      return rows > 0 ? [collection] : [];
    }),
  );
  return pages.flat().map((collection) => ({
    source: source.key,
    action: "RECTIFY",
    field: change.field,
    recordType: collection,
    end: { state: "SKIPPED", result: "RETAINED", detail: "DOCUMENTS_PAST_EVENT" },
  }));
}
