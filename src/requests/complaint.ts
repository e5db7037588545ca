import type { ComplaintBundle, ComplaintDecision, Letter } from "../archive/complaint-bundle.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyIfAny } from "../subjects/person-key.ts";
import { knownRequests } from "./known.ts";
import type { Organisation } from "./organisation.ts";
import { type EventRow, noteColumn, reasonColumn, type RequestRow, type StepRow } from "./rows.ts";
import { extensionIn } from "./extend.ts";

export interface ComplaintParts {
  readonly register: RegisterParts;
  readonly organisation: Organisation;
}

/** Everything of a request, for the supervisory authority (GDPR Art. 77). What has been forgotten with the person is absent. */
export async function complaintOf(
  { register, organisation }: ComplaintParts,
  row: RequestRow,
): Promise<ComplaintBundle> {
  const db = dbOf(register.store);
  // Before what it opens.
  const key = await keyIfAny(db, register, row.subject_id);
  const open = (sealed: Uint8Array | null, column: string) => key && sealed && key.unseal(sealed, column);
  const known = knownRequests(register);
  const events = await known.events(row.id);
  const timeline = events.map((event) => ({ ...event, note: open(event.sealed_note, noteColumn) }));
  const refusal = await known.refusal(row, row.language);
  const reason = open(row.sealed_reason, reasonColumn);
  return {
    madeAt: await databaseNow(db),
    controller: organisation.controller,
    authority: organisation.supervisoryAuthority,
    request: {
      id: row.id,
      kind: row.kind,
      status: row.status,
      channel: row.channel,
      receivedAt: row.received_at,
      dueAt: row.due_at,
      extendedBecause: open(extensionIn(events), noteColumn),
      completedAt: row.completed_at,
      reason,
      refusal: refusal && {
        code: refusal.code,
        message: refusal.message,
        legalGround: refusal.legalGround ?? null,
      },
    },
    timeline: timeline.map(({ at, by_role, event, detail, note }) => ({
      at,
      by: by_role,
      event,
      detail,
      note,
    })),
    steps: (await known.steps(row.id)).map(stepIn),
    correspondence: [...ownWords(row, reason), ...timeline.flatMap((event) => letterIn(event, row))],
    decisions: timeline.flatMap((event) => decisionIn(event, refusal?.legalGround ?? null)),
    receipts: row.receipt === null ? [] : [{ name: row.kind.toLowerCase(), jws: row.receipt }],
  };
}

type Opened = EventRow & { readonly note: string | null };

const stepIn = ({
  source,
  action,
  record_type,
  state,
  result,
  legal_ground,
  retained_until,
  finished_at,
}: StepRow) => ({
  source,
  action,
  recordType: record_type,
  state,
  outcome: result,
  legalGround: legal_ground,
  retainedUntil: retained_until,
  finishedAt: finished_at,
});

function ownWords({ received_at, channel }: RequestRow, reason: string | null): readonly Letter[] {
  return reason === null
    ? []
    : [{ at: received_at, direction: "FROM_PERSON", channel, subject: null, text: reason }];
}

/** What has been sent is kept as it was; of what came by letter there is what staff wrote down of it. */
function letterIn({ at, event, detail, note }: Opened, { channel }: RequestRow): readonly Letter[] {
  if (note === null) return [];
  if (event === "NOTIFY_DONE") {
    const [subject = "", ...text] = note.split("\n\n");
    return [{ at, direction: "TO_PERSON", channel: "EMAIL", subject, text: text.join("\n\n") }];
  }
  if (event !== "RECEIVED" && event !== "JOINED") return [];
  const by = event === "JOINED" ? (detail ?? channel) : channel;
  return [{ at, direction: "FROM_PERSON", channel: by, subject: null, text: note }];
}

function decisionIn(
  { at, by_role, event, note }: Opened,
  ground: string | null,
): readonly ComplaintDecision[] {
  if (event !== "APPROVED" && event !== "TURNED_DOWN" && event !== "DEADLINE_EXTENDED") return [];
  const approved = event !== "TURNED_DOWN";
  return [{ at, by: by_role ?? "", approved, legalGround: approved ? null : ground, explanation: note }];
}
