import { randomUUID } from "node:crypto";
import type { Identifier } from "../../src/sources/contract.ts";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { type DeskParts, openRequest } from "../../src/requests/desk.ts";
import { insertErasure } from "../../src/requests/erasure-rows.ts";
import { erasureSteps } from "../../src/requests/erasure-steps.ts";
import { openJobs } from "../../src/requests/jobs.ts";
import type { NewStep } from "../../src/requests/step.ts";
import { events as module } from "../../src/sources/events/graph.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { type RegisterParts, remember } from "../../src/subjects/people.ts";
import { openRegister } from "../setup/register.ts";
import { addGuests, guestAddress, guestBook, processor } from "./guest-book.ts";
import { impatient, type World } from "./world.ts";

/** Puts guests into a guest book, and queues their erasures. Resolves with the requests' ids. */
export async function queueErasures(
  { gateway }: World,
  url: string,
  from: number,
  to: number,
): Promise<readonly string[]> {
  await addGuests(url, from, to);
  await using stack = new AsyncDisposableStack();
  const register = stack.use(await openRegister(gateway));
  // What waits for an entry holds a connection meanwhile.
  const { store } = stack.use(await openRegister(gateway));
  const key = register.keyring.key("audit");
  const trail = stack.adopt(createAuditTrail(store, { key }), (t) => t.close());
  const settings = { ...impatient, databaseUrl: gateway.databaseUrl, failed: rethrow };
  const jobs = stack.adopt(await openJobs(settings), (j) => j.close());
  const parts: DeskParts = { register, trail, jobs, attempts: impatient.attempts, inTurn: (work) => work() };
  const steps = await stepsIn(url);
  const open = async (n: number) => {
    const subjectId = await enrol(register, { kind: "EMAIL", value: guestAddress(n) });
    const { request } = await openRequest(
      parts,
      { subjectId, kind: "ERASURE", channel: "POST", by, steps },
      (db, { id }) => insertErasure(db, id, { sources: null, asOf: new Date().toISOString().slice(0, 10) }),
    );
    return request.id;
  };
  const numbers = Array.from({ length: to - from }, (_, n) => from + n).values();
  const ids: string[] = [];
  const one = async () => {
    for (const n of numbers) ids.push(await open(n));
  };
  await Promise.all(Array.from({ length: 3 }, one));
  return ids;
}

/** As somebody whom staff have looked for, without a look whether they are known. */
function enrol(register: RegisterParts, identifier: Identifier): Promise<string> {
  const id = randomUUID();
  return inTransaction(register.store, async (db) => {
    const { wrappedKey, masterKeyId } = await register.personKeys.create(id);
    await db.insertInto("subject").values({ id, created_at: new Date(), merged_into: null }).execute();
    await db
      .insertInto("keys.person_key")
      .values({ subject_id: id, wrapped_key: wrappedKey, master_key_id: masterKeyId })
      .execute();
    await remember(db, register, id, "FOUND", [identifier]);
    return id;
  });
}

const by = {
  role: "DPO",
  actorRef: null,
  requestId: "many erasures",
  coordinate: "Mutation.requestErasure",
  language: "nb",
} as const;

function rethrow(error: unknown): never {
  throw error;
}

/** Whatever an erasure takes of somebody of whom there is no more than the record. */
async function stepsIn(url: string): Promise<readonly NewStep[]> {
  const source = await createSqlSource(module.key, processor, guestBook(url));
  await source.close();
  const record = {
    source: module.key,
    recordType: ownRecord,
    count: 1,
    action: "ERASE",
    ground: null,
    retainedUntil: null,
    obstacle: null,
  } as const;
  return erasureSteps(
    [{ ...module, leadsTo: [], processor, capabilities: source.capabilities }],
    [record],
    null,
    [],
  );
}
