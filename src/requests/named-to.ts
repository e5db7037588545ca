import { z } from "zod";
import { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { Recipient } from "../sources/recipient.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { distinctIdentifiers } from "../subjects/identifiers.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { workColumn } from "./rows.ts";
import type { Task } from "./step.ts";

/** What the work of a notice keeps once it has been decided: whatever is sent again names the same. */
const named = z.looseObject({
  identifiers: z.array(z.object({ kind: z.enum(IdentifierKind), value: z.string() })).optional(),
});

/**
 * What a notice names the person by, of what the recipient knows persons by. A recipient that may not be given data any
 * more is named what it was named before (GDPR Art. 5(1)(c)): an address that is new since is none of its business. Only
 * where nothing is known of that does it get what the person goes by now.
 */
export async function namedTo(
  register: RegisterParts,
  { step, subject, work }: Task,
  recipient: Recipient,
  mayReceive: boolean,
): Promise<readonly Identifier[]> {
  const decided = named.parse(work).identifiers;
  if (decided) return decided;
  const db = dbOf(register.store);
  const linked = [...subject.links.values()].flat();
  const current = distinctIdentifiers([...subject.identity.identifiers, ...linked]).filter(({ kind }) =>
    recipient.identifiedBy.includes(kind),
  );
  const before = mayReceive ? [] : await namedBefore(db, register, subject.id, recipient.name);
  const identifiers = before.length > 0 ? before : current;
  // Nothing to go by is nothing decided: it is looked for again when staff have the step tried anew.
  if (identifiers.length > 0)
    await keep(register, subject.id, step.id, { ...named.parse(work), identifiers });
  return identifiers;
}

/** Under the key of whom the person is by then: they may become one with another meanwhile. */
function keep(register: RegisterParts, subjectId: string, stepId: string, work: object): Promise<void> {
  return inTransaction(register.store, async (db) => {
    const key = await keyOfPerson(db, register, await lockPerson(db, subjectId));
    await db
      .updateTable("request_step")
      .set({ sealed_work: key.seal(JSON.stringify(work), workColumn) })
      .where("id", "=", stepId)
      .execute();
  });
}

async function namedBefore(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  recipient: string,
): Promise<readonly Identifier[]> {
  const rows = await db
    .selectFrom("request_step")
    .innerJoin("request", "request.id", "request_step.request_id")
    .select("sealed_work")
    .where("request.subject_id", "=", subjectId)
    .where("request_step.source", "=", recipient)
    .where("request_step.action", "=", "NOTIFY")
    .where("request_step.state", "=", "DONE")
    .where("sealed_work", "is not", null)
    .execute();
  const key = await keyOfPerson(db, register, subjectId);
  return distinctIdentifiers(
    rows.flatMap(({ sealed_work }) => {
      const kept: unknown = sealed_work && JSON.parse(key.unseal(sealed_work, workColumn));
      return named.parse(kept).identifiers ?? [];
    }),
  );
}
