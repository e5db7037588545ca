import { inTransaction } from "../../src/store/tables.ts";
import { type ConsentDecision, recordConsent as record } from "../../src/subjects/consents.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";
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
