import { sql } from "kysely";
import type { Role } from "../access/vocabulary.ts";
import { databaseNow } from "../store/clock.ts";
import type { PersonKey } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { become, tell } from "./advance.ts";
import { dueAt, extendedDueAt } from "./deadline.ts";
import { endCodes } from "./identity-codes.ts";
import { lockRequest, noteColumn, type RequestRow } from "./rows.ts";
import { hasHappened, note } from "./timeline.ts";
import { finalStatuses, type RequestChannel, type RequestKind } from "./vocabulary.ts";

/** Asked for twice it is the same; of any other kind, a second may be about something else. */
const alwaysTheSame: ReadonlySet<RequestKind> = new Set(["ACCESS", "PORTABILITY", "ERASURE"]);

/**
 * The open request that another letter of the kind is about as well; null: there is none. Of what may be about something
 * else, only a letter that nobody has acted on, so that what both ask for is still to be done; and not where it is known of
 * one of them alone who wrote it: the other may ask for something that the person does not want. Within the transaction
 * that holds the person.
 */
export async function joinable(
  db: Db,
  subjectId: string,
  { kind, isEstablished }: Pick<JoiningLetter, "kind" | "isEstablished">,
): Promise<RequestRow | null> {
  const found = await db
    .selectFrom("request")
    .select("id")
    .where("subject_id", "=", subjectId)
    .where("kind", "=", kind)
    .where("status", "not in", [...finalStatuses])
    .where("refusal_code", "is", null)
    // Somewhere alone, which a letter does not say.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("erasure")
            .select("request_id")
            .whereRef("erasure.request_id", "=", "request.id")
            .where("sources", "is not", null),
        ),
      ),
    )
    .$if(!alwaysTheSame.has(kind), (query) =>
      query
        .where("channel", "!=", "PORTAL")
        .where("status", "=", isEstablished ? "AWAITING_DECISION" : "AWAITING_IDENTITY")
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("request_event")
                .select("request_event.id")
                .whereRef("request_event.request_id", "=", "request.id")
                .where("event", "=", "CARRIED_OUT"),
            ),
          ),
        ),
    )
    .orderBy("due_at")
    .orderBy("id")
    .executeTakeFirst();
  return found ? lockRequest(db, found.id) : null;
}

export interface JoiningLetter {
  readonly kind: RequestKind;
  readonly by: Role | null;
  readonly channel: RequestChannel;
  readonly receivedAt: Date;
  readonly isEstablished: boolean;
  /** What was said of it. */
  readonly note: string | undefined;
}

/** What was extended in time is so for another letter as well, unless that one was overdue before it was found. */
async function answeredBy(db: Db, requestId: string, receivedAt: Date): Promise<Date> {
  const due = dueAt(receivedAt);
  const isInTime = due > (await databaseNow(db));
  return isInTime && (await hasHappened(db, requestId, "DEADLINE_EXTENDED"))
    ? extendedDueAt(receivedAt)
    : due;
}

/** The letter is answered with the request: at the earlier of both deadlines, and known to be the person's if it is. */
export async function join(
  db: Db,
  key: PersonKey,
  request: RequestRow,
  { by, channel, receivedAt, isEstablished, note: said }: JoiningLetter,
): Promise<RequestRow> {
  const due = await answeredBy(db, request.id, receivedAt);
  await db
    .updateTable("request")
    .set({
      received_at: sql<Date>`least(received_at, ${receivedAt})`,
      due_at: sql<Date>`least(due_at, ${due})`,
    })
    .where("id", "=", request.id)
    .execute();
  const sealed = said === undefined ? undefined : key.seal(said, noteColumn);
  await note(db, request.id, { by, event: "JOINED", detail: channel, ...(sealed && { sealed }) });
  if (isEstablished && request.status === "AWAITING_IDENTITY") {
    await note(db, request.id, { by, event: "IDENTITY_ESTABLISHED", detail: "STAFF" });
    await endCodes(db, request.id);
    await become(db, request, "IDENTITY_ESTABLISHED");
  } else await tell(db, request.id);
  return (await lockRequest(db, request.id)) ?? request;
}
