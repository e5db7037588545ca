import type { Purpose } from "../../src/access/vocabulary.ts";
import { recordStatement } from "../../src/requests/statements.ts";
import { putMark } from "../../src/requests/withheld.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { type ConsentDecision, recordConsent as record } from "../../src/subjects/consents.ts";
import { recordObjection } from "../../src/subjects/objections.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";
import { insertDisclosure } from "../../src/subjects/disclosure-rows.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { restrict as write, type RestrictionOrder } from "../../src/subjects/restrictions.ts";

/** In a transaction of its own. */
export const recordConsent = ({ store }: RegisterParts, subjectId: string, decision: ConsentDecision) =>
  inTransaction(store, (db) => record(db, subjectId, decision));

/** In a transaction of its own. */
export const restrict = (register: RegisterParts, subjectId: string, order: RestrictionOrder) =>
  inTransaction(register.store, async (db) =>
    write(db, await keyOfPerson(db, register, subjectId), subjectId, order),
  );

/** In a transaction of its own. */
export const object = (register: RegisterParts, subjectId: string, requestId: string, purpose: Purpose) =>
  inTransaction(register.store, async (db) =>
    recordObjection(db, await keyOfPerson(db, register, subjectId), {
      subjectId,
      requestId,
      purpose,
      reason: "x",
    }),
  );

/** Beside every record of the list; in a transaction of its own. */
export const state = (
  register: RegisterParts,
  subjectId: string,
  requestId: string,
  source: string,
  recordType: string,
) =>
  inTransaction(register.store, async (db) =>
    recordStatement(db, await keyOfPerson(db, register, subjectId), {
      subjectId,
      requestId,
      source,
      recordType,
      record: null,
      text: "x",
    }),
  );

/** Of a text that nobody holds; in a transaction of its own. Resolves with the mark's id. */
export const withhold = (register: RegisterParts, subjectId: string, requestId: string): Promise<string> =>
  inTransaction(register.store, async (db) =>
    putMark(db, await keyOfPerson(db, register, subjectId), {
      subjectId,
      requestId,
      source: "crm",
      recordType: "conversations",
      field: "body",
      textHash: "of none",
      passages: [{ start: 0, length: 1 }],
      because: "x",
    }),
  );

/** To an authority, in secrecy until a day; in a transaction of its own. Resolves with the disclosure's id. */
export const disclose = (register: RegisterParts, subjectId: string, secretUntil: string): Promise<string> =>
  inTransaction(register.store, async (db) => {
    const disclosed = { authority: "x", legalGround: "x", categories: ["CONTACT"] as const, secretUntil };
    await insertDisclosure(db, await keyOfPerson(db, register, subjectId), subjectId, disclosed);
    const { id } = await db
      .selectFrom("disclosure")
      .select("id")
      .where("subject_id", "=", subjectId)
      .orderBy("at", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    return id;
  });
