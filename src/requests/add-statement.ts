import { SourceUnavailable } from "../sources/loader.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { RequestRow } from "./rows.ts";
import { stated, statedLine } from "./stated.ts";
import { recordStatement } from "./statements.ts";

export interface StatementInput {
  readonly source: string;
  readonly recordType: string;
  readonly record?: string | null;
  readonly text: string;
}

/** Attaches what the person has to say to records that are not rewritten (GDPR Art. 16). @throws Refused */
export async function addStatement(
  input: StatementInput,
  actor: Actor,
  context: RequestContext,
): Promise<RequestRow> {
  const { requests, connected } = context;
  const { subject, by, channel, registered } = actor;
  const source = connected.find(({ key }) => key === input.source);
  if (!source) throw new Refused("UNKNOWN_SOURCE", { argument: "source" });
  const { recordType } = input;
  if (!Object.hasOwn(source.documents, recordType))
    throw new Refused("UNKNOWN_RECORD_TYPE", { argument: "recordType" });
  const record =
    input.record === null || input.record === undefined ? null : statedLine(input.record, "record");
  const text = stated(input.text, "text");
  await refuseStrangers(source.key, actor, context);
  const { request } = await requests.open(
    {
      subjectId: subject.id,
      kind: "RECTIFICATION",
      channel,
      by,
      steps: [
        {
          source: source.key,
          action: "RECTIFY",
          recordType,
          end: { state: "DONE", result: "DONE", detail: "STATEMENT_ATTACHED", count: 1 },
        },
      ],
      ...(registered && { registered: registered.id }),
    },
    (db, { id, subject_id }, key) =>
      recordStatement(db, key, {
        subjectId: subject_id,
        requestId: id,
        source: source.key,
        recordType,
        record,
        text,
      }),
  );
  return request;
}

/** Nothing is held there that a statement could stand beside; a source that is down may hold something. */
async function refuseStrangers(
  source: string,
  { subject }: Actor,
  { records }: RequestContext,
): Promise<void> {
  try {
    const { state } = await records.find(source, subject);
    if (state === "NOT_HELD") throw new Refused("NO_RECORD", { source });
  } catch (error) {
    if (!(error instanceof SourceUnavailable)) throw error;
  }
}
