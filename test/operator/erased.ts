import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { putMark } from "../../src/requests/withheld.ts";
import { erasureJournal } from "../../src/store/erasure-journal.ts";
import { openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { openStore } from "../../src/store/store.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { lockPerson } from "../../src/subjects/decision-rows.ts";
import { forgetPerson } from "../../src/subjects/forget.ts";
import { erasureOfRequest } from "../../src/subjects/journalled.ts";
import { createPeople, type People, type RegisterParts } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { suppress } from "../../src/subjects/suppression.ts";
import { email, number, principal } from "../subjects/world.ts";

export const masterKey = randomBytes(32);
const masterKeys = fixedMasterKeys(masterKey);

export interface Opened extends AsyncDisposable {
  readonly parts: RegisterParts;
  readonly people: People;
  /** Signs in; resolves with the id. */
  signIn(name: string): Promise<string>;
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** The register of a database, as a gateway would open it. */
export async function openRegister(url: string): Promise<Opened> {
  const store = await openStore({ url, poolSize: 3 });
  const keyring = await openKeyring(store, masterKeys);
  const parts = { store, keyring, personKeys: createPersonKeys(masterKeys) };
  const people = createPeople(parts);
  return {
    parts,
    people,
    async signIn(name) {
      const person = await people.ofCaller(principal(name, email(`${name}@example.com`)));
      return person?.id ?? "";
    },
    rows: async (text, values = []) => store.em.fork().execute(text, [...values]),
    [Symbol.asyncDispose]: () => store.close(true).then(() => undefined),
  };
}

export const addressOf = (name: string) => email(`${name}@example.com`);
export const keptLink = { source: "crm", identifier: number("K-1"), recordHash: "cd".repeat(32) };

/** Erases a person from the gateway itself, as its last step does, and journals it. Resolves with the request's id. */
export function erase({ parts }: Opened, folder: string, subjectId: string, name: string): Promise<string> {
  const requestId = randomUUID();
  return inTransaction(parts.store, async (db) => {
    await lockPerson(db, subjectId);
    await sql`insert into request (id, subject_id, kind, status, channel, language, received_at, due_at, receipt)
      values (${requestId}, ${subjectId}, 'ERASURE', 'RUNNING', 'PORTAL', 'nb', now(), now(), 'a.b.c')`.execute(
      db,
    );
    await sql`insert into erasure (request_id, as_of, finished_at) values (${requestId}, now(), now())`.execute(
      db,
    );
    await sql`insert into retained (id, request_id, source, record_type, count, until, ground)
      values (${randomUUID()}, ${requestId}, 'crm', 'orders', 2, '2031-12-31', 'BOOKKEEPING')`.execute(db);
    for (const source of ["crm", "learning"])
      await putMark(db, await keyOfPerson(db, parts, subjectId), {
        subjectId,
        requestId,
        source,
        recordType: "conversations",
        field: "body",
        textHash: "ef".repeat(32),
        passages: [{ start: 1, length: 2 }],
        because: "Om en annen",
      });
    const hashes = [parts.keyring.hash("identifier")("EMAIL", addressOf(name).value)];
    await suppress(db, { subjectId, requestId, hashes, sources: null });
    await forgetPerson(db, parts, subjectId, { keep: [keptLink] });
    await erasureJournal(folder, parts.keyring.key("erasures")).write(
      await erasureOfRequest(db, parts, requestId),
    );
    return requestId;
  });
}

/** The newest keys, in the place of those that a copy of the database has. */
export async function takeKeys(from: Opened, to: Opened): Promise<void> {
  const keys = await dbOf(from.parts.store).selectFrom("keys.person_key").selectAll().execute();
  const db = dbOf(to.parts.store);
  await db.deleteFrom("keys.person_key").execute();
  if (keys.length > 0) await db.insertInto("keys.person_key").values(keys).execute();
}
