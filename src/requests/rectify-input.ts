import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { rectified, type RectifiableField } from "./rectifiable.ts";
import type { Change } from "./rectify.ts";

interface GivenChange {
  readonly field: RectifiableField;
  readonly value: string;
  readonly sources?: readonly string[] | null;
  readonly recordType?: string | null;
  readonly expectedVersions?: readonly { readonly source: string; readonly version: string }[] | null;
}

/** Sooner or later somebody sends a book. */
const mostChanges = 50;

/** What is to be corrected, validated as a whole before anything is looked up. @throws Refused */
export function changesOf(
  { changes }: { readonly changes: readonly GivenChange[] },
  { connected }: Pick<RequestContext, "connected">,
): readonly Change[] {
  if (changes.length === 0) throw new Refused("NO_CHANGES", { argument: "changes" });
  if (changes.length > mostChanges) throw new Refused("TOO_LONG", { argument: "changes" });
  const known = new Set(connected.map(({ key }) => key));
  const read = changes.map((change) => {
    refuseDocuments(change, connected);
    return changeOf(change, known);
  });
  read.forEach((change, at) => {
    const twice = read.slice(0, at).some((earlier) => overlap(earlier, change));
    if (twice) throw new Refused("STATED_TWICE", { field: change.field });
  });
  return read;
}

function changeOf(given: GivenChange, known: ReadonlySet<string>): Change {
  const { field, sources = null, expectedVersions } = given;
  const read = rectified(field, given.value);
  if ("rule" in read) throw new Refused(read.rule, { field });
  const expected = new Map<string, string>();
  for (const source of sources ?? []) if (!known.has(source)) throw new Refused("UNKNOWN_SOURCE", { field });
  if (sources?.length === 0) throw new Refused("NO_CHANGES", { field });
  if (new Set(sources).size < (sources?.length ?? 0)) throw new Refused("STATED_TWICE", { field });
  for (const { source, version } of expectedVersions ?? []) {
    if (!known.has(source)) throw new Refused("UNKNOWN_SOURCE", { field });
    if (expected.has(source)) throw new Refused("STATED_TWICE", { field });
    if (sources && !sources.includes(source)) throw new Refused("NOT_CONCERNED", { field });
    expected.set(source, version);
  }
  return { field, value: read.value, sources, expectedVersions: expected };
}

const overlap = (a: Change, b: Change) =>
  a.field === b.field &&
  (a.sources === null || b.sources === null || a.sources.some((source) => b.sources?.includes(source)));

/** An order, a completed level, a delivery. */
function refuseDocuments({ field, recordType }: GivenChange, connected: RequestContext["connected"]): void {
  if (recordType === undefined || recordType === null) return;
  const kinds = connected.flatMap(({ documents }) =>
    Object.hasOwn(documents, recordType) ? [documents[recordType]] : [],
  );
  if (kinds.length === 0) throw new Refused("UNKNOWN_RECORD_TYPE", { field });
  const [kind = "EVENT"] = kinds;
  throw new Refused(unwritable[kind], { field });
}

const unwritable = { SALES: "SALES_DOCUMENT", EVENT: "PAST_EVENT", CLAIM: "CLAIM_OF_ANOTHER" } as const;
