import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { noteColumn } from "../../src/requests/rows.ts";
import { recordStatement } from "../../src/requests/statements.ts";
import { note } from "../../src/requests/timeline.ts";
import { type Db, dbOf, inTransaction, sealedColumn } from "../../src/store/tables.ts";
import { writeDecision } from "../../src/subjects/decision-rows.ts";
import { insertDisclosure } from "../../src/subjects/disclosure-rows.ts";
import { EmployeeNames } from "../../src/subjects/employee-names.ts";
import { type RegisterParts, remember } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { entry } from "../audit/harness.ts";
import { insertRequest } from "../setup/requests.ts";
import { object, recordConsent, restrict, withhold } from "../setup/standing.ts";

/** Has the gateway hold something of a person in every place that it has for that. Resolves with a request of theirs. */
export async function fill(register: RegisterParts, subjectId: string): Promise<string> {
  const { store } = register;
  const requestId = await insertRequest(register, subjectId, {
    status: "REFUSED",
    reason: "Jeg er flyttet",
    refusal: "Kari må gjøre opp først",
    steps: [{ source: "crm", action: "RECTIFY", work: { value: "kari@example.com" }, end: done }],
  });
  await object(register, subjectId, requestId, "NEWSLETTER");
  await restrict(register, subjectId, { sources: ["crm"], reason: "Bestridt", requestId });
  await withhold(register, subjectId, requestId);
  await recordConsent(register, subjectId, {
    purpose: "NEWSLETTER",
    status: "WITHDRAWN",
    byRole: "SUBJECT",
    channel: "PORTAL",
    policyVersion: "1",
  });
  await inTransaction(store, async (db) => {
    const key = await keyOfPerson(db, register, subjectId);
    await remember(db, register, subjectId, "LINKED", [{ kind: "CUSTOMER_NUMBER", value: "K-1" }], "crm");
    const about = { source: "crm", recordType: "orders", record: "O-1", text: "Feil antall" };
    await recordStatement(db, key, { ...about, subjectId, requestId });
    await writeDecision(db, register, {
      subjectId,
      source: "crm",
      decision: "LINKED",
      recordHashes: ["r"],
      because: "Ringte",
      decidedBy: "e",
    });
    await insertDisclosure(db, key, subjectId, {
      authority: "Lensmannen",
      legalGround: "Kjennelse",
      categories: ["CONTACT"],
      secretUntil: null,
    });
    await note(db, requestId, {
      by: "DPO",
      event: "NOTED",
      sealed: key.seal("Snakket med Kari", noteColumn),
    });
    await db.updateTable("request").set({ digest: randomUUID() }).where("id", "=", requestId).execute();
    await sql`insert into match_review values (${subjectId}, 'learning', 'SEVERAL_RECORDS', now())`.execute(
      db,
    );
    await sql`insert into erasure_source (id, request_id, source, sealed_record)
      values (gen_random_uuid(), ${requestId}, 'crm',
        ${key.seal("K-1", sealedColumn("erasure_source", "sealed_record"))})`.execute(db);
    await sql`insert into identity_code (id, request_id, source, code_hash, sealed_address, made_at, expires_at)
      values (gen_random_uuid(), ${requestId}, 'crm', 'h',
        ${key.seal("kari@example.com", sealedColumn("identity_code", "sealed_address"))}, now(), now())`.execute(
      db,
    );
    await sql`insert into export (id, format, sealed_key, sealed_token)
      values (${requestId}, 'JSON', ${key.seal("k", sealedColumn("export", "sealed_key"))},
        ${key.seal("t", sealedColumn("export", "sealed_token"))})`.execute(db);
    await sql`insert into reappearance (id, subject_id, source, record_hash, sealed_record, seen_at, sealed_reason)
      values (gen_random_uuid(), ${subjectId}, 'crm', ${randomUUID()}, ${key.seal("K-1", "r")}, now(), ${key.seal("Ny kunde", "s")})`.execute(
      db,
    );
  });
  await looked(register, subjectId, "Sara Support");
  return requestId;
}

const done = { state: "DONE", result: "DONE" } as const;

/** An employee looks at the person, and the person is told by name who it was. */
export async function looked(register: RegisterParts, subjectId: string, employee: string): Promise<void> {
  const { store, personKeys, keyring } = register;
  const trail = createAuditTrail(store, { key: keyring.key("audit") });
  const actorName = await new EmployeeNames(dbOf(store), personKeys).seal(subjectId, employee);
  await trail.record({ ...entry(randomUUID()), subjectRef: subjectId, actorName });
  await trail.close();
}

export interface SealedPlace {
  readonly table: string;
  readonly column: string;
}

/** Under a key of the gateway's own: a retention review is of nobody in particular, and `forgetInBatches` takes them out. */
const nobodys = "retention_review_item.sealed_batch";

/** Every place in which something can lie under a person's key. */
export async function sealedPlaces(db: Db): Promise<readonly SealedPlace[]> {
  const { rows } = await sql<SealedPlace>`select table_name as table, column_name as column
    from information_schema.columns
    where table_schema = current_schema() and data_type = 'bytea' and column_name like 'sealed\\_%'
      and concat(table_name, '.', column_name) <> ${nobodys}
    order by 1, 2`.execute(db);
  return rows;
}

/** What lies there of the person. Rejects where nothing tells whose a row of the table is. */
export async function sealedIn(
  db: Db,
  { table, column }: SealedPlace,
  subjectId: string,
): Promise<readonly Buffer[]> {
  const { rows: columns } = await sql<{
    name: string;
  }>`select column_name as name from information_schema.columns
    where table_schema = current_schema() and table_name = ${table}`.execute(db);
  const names = columns.map(({ name }) => name);
  const ofTheirs = sql`(select id from request where subject_id = ${subjectId})`;
  const whose = names.includes("subject_id")
    ? sql`subject_id = ${subjectId}`
    : names.includes("subject_ref")
      ? sql`subject_ref = ${subjectId}`
      : names.includes("request_id")
        ? sql`request_id in ${ofTheirs}`
        : table === "export"
          ? sql`id in ${ofTheirs}`
          : null;
  if (whose === null) throw new Error(`nothing tells whose a row of ${table} is`);
  const { rows } = await sql<{ sealed: Buffer }>`select ${sql.ref(column)} as sealed from ${sql.table(table)}
    where ${whose} and ${sql.ref(column)} is not null`.execute(db);
  return rows.map(({ sealed }) => sealed);
}
