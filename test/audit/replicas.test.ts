import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { dpo, idOf, logOf, ownLog, type Owned, pagesOf, type Seen } from "./access-log-harness.ts";
import {
  branches,
  Counted,
  entryOf,
  eva,
  everybody,
  type Met,
  operation,
  persons,
  pick,
  twoRoles,
} from "./mixed-reads.ts";

const replicas = 3;
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    replicas,
    accounts: [{ emails: [twoRoles], name: "To Roller", roles: ["innsyn-support", "innsyn-training"] }],
    // Each request brings its own id, so that one without an answer is known by it as well.
    http: { trustRequestId: true, logLevel: "warn" },
    config: (config) => ({ ...config, searches: { perMinute: 100_000, perDay: 100_000 } }),
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const kinds = ["own", "refused", ...Array<"read">(8).fill("read")] as const;

/** One client's next request. @returns false: its replica is gone */
async function step(counted: Counted, replica: number): Promise<boolean> {
  const requestId = randomUUID();
  const kind = pick(kinds);
  const { as, roots } = kind === "own" ? { as: pick(persons), roots: [] } : operation(counted);
  const more = {
    own: "me { id crm { name } accessLog(first: 1) { totalCount } }",
    refused: `no: dataSubject(id: "${randomUUID()}", purpose: TESTING) { crm { name } }`,
    read: "",
  }[kind];
  const text = `{ ${roots.map((root, n) => `r${n}: ${root.text}`).join(" ")} ${more} }`;
  let answer;
  try {
    answer = await gateway.query<object>(text, {}, { as, replica, headers: { "x-request-id": requestId } });
  } catch {
    counted.unanswered.add(requestId);
    return false;
  }
  expect(answer.headers.get("x-request-id")).toBe(requestId);
  counted[kind] += 1;
  if (kind === "refused") expect([answer.status, answer.data ?? null]).toEqual([403, null]);
  if (kind !== "read") return true;
  for (const { extensions } of answer.errors ?? [])
    expect(["PROCESSING_RESTRICTED", "CONSENT_REQUIRED", "NOT_FOUND", "IDENTITY_AMBIGUOUS"]).toContain(
      extensions.code,
    );
  counted.note(roots, requestId, answer.data ?? {}, answer.errors ?? []);
  return true;
}

const clients = 15;
const reads = 1_000;

test("a thousand mixed reads through three replicas, one of which ends half-way: all are in the persons' logs, once", async () => {
  await Promise.all([...everybody, twoRoles, dpo].map((email) => gateway.token(email)));
  for (const { as } of branches) await gateway.token(as);
  const counted = new Counted();
  // Staff come upon them before they have signed in.
  for (const email of everybody) {
    const requestId = randomUUID();
    const { data } = await gateway.query<{ findDataSubjects: { subject: Met; sources: string[] }[] }>(
      `query ($email: String!) { findDataSubjects(identifier: { kind: EMAIL, value: $email }, purpose: DATA_SUBJECT_RIGHTS) { sources subject { id } } }`,
      { email },
      { as: dpo, headers: { "x-request-id": requestId } },
    );
    const look = { role: "DPO", purpose: "DATA_SUBJECT_RIGHTS", categories: ["IDENTITY"], requestId };
    const met = data?.findDataSubjects ?? [];
    counted.looks.push(
      ...met.map(({ subject: { id }, sources }) => ({ id, entry: entryOf({ ...look, sources }) })),
    );
    const ids = met.map(({ subject: { id } }) => id);
    counted.ids.set(email, new Set(ids));
  }

  const open = new Set(Array.from({ length: replicas }, (_, n) => n));
  let closing: Promise<void> | undefined;
  const written = new AbortController();
  const client = async (n: number) => {
    let replica = n % replicas;
    while (counted.read < reads) {
      if (!(await step(counted, replica))) replica = pick([...open]);
      if (counted.read >= reads / 2 && closing === undefined) {
        open.delete(2);
        closing = gateway.closeReplica(2);
      }
    }
  };
  let runs = 0;
  const reader = async () => {
    while (!written.signal.aborted) {
      const as = pick(persons);
      const cursors: string[] = [];
      const pages = pagesOf((after) =>
        gateway.query<Owned>(ownLog, { first: 7, after }, { as, replica: runs % 2 }),
      );
      for await (const { edges } of pages) cursors.push(...edges.map(({ cursor }) => cursor));
      expect(new Set(cursors).size).toBe(cursors.length);
      runs += 1;
    }
  };
  const reading = Promise.all([reader(), reader()]);
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  await closing;
  written.abort();
  await reading;

  const told = new Map<string, string[]>();
  const note = async (id: string, ask: Parameters<typeof pagesOf>[0]) => {
    const entries: string[] = [];
    for await (const { edges } of pagesOf(ask))
      for (const { node } of edges) if (!counted.unanswered.has(node.requestId)) entries.push(entryOf(node));
    told.set(id, entries.sort());
  };
  for (const as of persons)
    await note(await idOf(gateway, as), (after) =>
      gateway.query<Owned>(ownLog, { first: 13, after }, { as, replica: 1 }),
    );
  // In one page, since each look of the officer's is one more.
  for (const id of counted.ids.get(eva) ?? [])
    await note(id, () => gateway.query<Seen>(logOf, { id, purpose: "AUDIT", first: 500 }, { as: dpo }));
  expect(told.size).toBe(everybody.length);

  const subjects = await gateway.rows<{ id: string; into: string }>(
    "select id, coalesce(merged_into, id) as into from subject",
  );
  const nowKnownAs = new Map(subjects.map(({ id, into }) => [id, into]));
  const expected = new Map([...told.keys()].map((id): [string, string[]] => [id, []]));
  for (const { id, entry } of counted.looks) expected.get(nowKnownAs.get(id) ?? "")?.push(entry);
  for (const [id, entries] of told) expect(entries).toEqual(expected.get(id)?.sort());
  const entries = [...told.values()].flat().length;
  expect(entries).toBe(counted.looks.length);
  expect(entries).toBeGreaterThan(reads);
  expect(counted.refused).toBeGreaterThan(20);
  expect(counted.own).toBeGreaterThan(20);
  expect(runs).toBeGreaterThan(5);
  expect(counted.unanswered.size).toBeLessThanOrEqual(clients);
}, 180_000);
