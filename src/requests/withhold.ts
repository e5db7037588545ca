import { arePassages, type Passage } from "../sources/withheld.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { NotFound } from "../subjects/not-found.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { awaitsFetching, gatherAnew } from "./export-anew.ts";
import { isExport } from "./export-steps.ts";
import { type FreeTextField, freeTextField, textsIn } from "./free-text.ts";
import type { RequestRow } from "./rows.ts";
import { isFinal } from "./vocabulary.ts";
import { stated } from "./stated.ts";
import type { ShownPage } from "./shown.ts";
import { marksOf, putMark, type StoredMark, takeMark, textHash } from "./withheld.ts";

export interface WithholdInput {
  readonly source: string;
  readonly recordType: string;
  readonly field: string;
  readonly text: string;
  readonly spans: readonly Passage[];
  readonly because: string;
}

/** Of one text. */
const mostPassages = 200;
/** Pages of a record type that a text is looked for in. */
const mostPages = 20;

/**
 * Keeps passages of a text from the person whom it is held about, since they are about somebody else (GDPR Art. 15(4)).
 * What was gathered for the person to take along, and is not fetched yet, is gathered anew. @throws Refused, SourceUnavailable
 */
export async function withhold(
  input: WithholdInput,
  actor: Actor,
  context: RequestContext,
): Promise<StoredMark> {
  const request = await exportRequest(actor, context);
  const { requests } = context;
  const { source, recordType, field, text, spans } = input;
  const place = placeOf(input, context);
  if (spans.length === 0) throw new Refused("EMPTY", { argument: "spans" });
  if (spans.length > mostPassages) throw new Refused("TOO_LONG", { argument: "spans" });
  if (!arePassages(text, spans)) throw new Refused("NOT_A_PASSAGE", { argument: "spans" });
  const because = stated(input.because, "because");
  if (!(await isHeld(place, text, actor, context))) throw new Refused("TEXT_NOT_HELD", { argument: "text" });
  const { register } = requests;
  let made = "";
  const { subject_id } = await requests.change({
    request,
    by: actor.by,
    event: "PASSAGES_WITHHELD",
    detail: placeName(input),
    change: async (db, now, key) => {
      await refuseFetched(db, now);
      made = await putMark(db, key, {
        subjectId: now.subject_id,
        requestId: now.id,
        source,
        recordType,
        field,
        textHash: textHash(register, text),
        passages: spans.map(({ start, length }) => ({ start, length })),
        because,
      });
      return { alsoChanged: await gatherAnew(db, now.subject_id) };
    },
  });
  const mark = (await marksOf(dbOf(register.store), register, subject_id)).find(({ id }) => id === made);
  if (!mark) throw new NotFound();
  return mark;
}

/** Shows the person again what was withheld. @throws Refused, NotFound */
export async function release(
  { id }: { readonly id: string },
  actor: Actor,
  context: RequestContext,
): Promise<StoredMark> {
  const request = await exportRequest(actor, context);
  const { requests } = context;
  const { register } = requests;
  const all = await marksOf(dbOf(register.store), register, request.subject_id);
  const mark = all.find((each) => each.id === id);
  if (!mark) throw new NotFound();
  await requests.change({
    request,
    by: actor.by,
    event: "PASSAGES_RELEASED",
    detail: placeName(mark),
    change: async (db, now) => {
      await refuseFetched(db, now);
      if (!(await takeMark(db, now.subject_id, id))) throw new NotFound();
      return { alsoChanged: await gatherAnew(db, now.subject_id) };
    },
  });
  return mark;
}

const placeName = ({ source, recordType, field }: Pick<StoredMark, "source" | "recordType" | "field">) =>
  `${source}.${recordType}.${field}`;

/** What staff act on: a copy that the person is still to get. @throws Refused */
async function exportRequest({ registered }: Actor, { requests }: RequestContext): Promise<RequestRow> {
  if (!registered || !isExport(registered)) throw new Refused("NOT_AN_EXPORT", { argument: "requestId" });
  await refuseFetched(dbOf(requests.register.store), registered);
  return registered;
}

/** What the person has had is not withheld any more. @throws Refused */
async function refuseFetched(db: Db, request: RequestRow): Promise<void> {
  if (isFinal(request) && !(await awaitsFetching(db, request.id))) throw new Refused("REQUEST_CLOSED");
}

/** @throws Refused */
function placeOf(place: WithholdInput, { requests, connected }: RequestContext): FreeTextField {
  if (!connected.some(({ key }) => key === place.source))
    throw new Refused("UNKNOWN_SOURCE", { argument: "source" });
  const found = freeTextField(requests.shown.types, place);
  if (found === "UNKNOWN_RECORD_TYPE") throw new Refused(found, { argument: "recordType" });
  if (found === "NOT_FREE_TEXT") throw new Refused(found, { argument: "field" });
  return found;
}

/** Whether the text is what the system holds at this moment, word for word: a mark on another would withhold nothing. */
async function isHeld(
  place: FreeTextField,
  text: string,
  { subject }: Actor,
  { requests, language }: RequestContext,
): Promise<boolean> {
  // Staff read it whole, whatever is withheld from the person.
  const options = { language, signal: new AbortController().signal };
  let after: string | null = null;
  for (let n = 0; n < mostPages; n++) {
    const page: ShownPage | null = await requests.shown.page(subject, place.shown, after, options);
    if (page === null) return false;
    if (page.rows.some((row) => textsIn(place, row).includes(text))) return true;
    if (page.end === null) return false;
    after = page.end;
  }
  return false;
}
