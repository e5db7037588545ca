import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { restoreErasure } from "../../src/subjects/restored-erasure.ts";
import { forgetIn } from "../../src/subjects/forget.ts";
import { createPeople, identifierHash } from "../../src/subjects/people.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { openRegister } from "../setup/register.ts";
import { insertRequest } from "../setup/requests.ts";
import { ended, erase } from "./erasing.ts";
import { holdUp } from "./held-up.ts";
import { ask, idOf, letter, look } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const nobody = "ingen.kjenner@example.com";
const bjorn = "bjørn.østby@example.com";
const siv = "siv.stille@example.com";
const turid = "turid.moe@example.com";
const accounting = "accounting@intech.example";
const support = "support@intech.example";

const until = async (is: () => Promise<boolean>) => {
  await expect.poll(is, { timeout: 15_000, interval: 100 }).toBe(true);
};

describe("while one system is down and the others are erased", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ accounts: [{ emails: [nobody], name: "Ingen", roles: [] }] });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** Resolves once the erasure has read the CRM and what hangs on it there is on its way. */
  const untilRead = (id: string) =>
    until(async () => {
      const rows = await world.gateway.rows(
        "select from erasure_source where request_id = $1 and source in ('crm', 'learning', 'events') and sealed_record is not null",
        [id],
      );
      return rows.length > 0;
    });

  it("whom staff have found may turn out to be somebody who signs in: it goes on with what it had read", async () => {
    const { id } = await letter(world, "ERASURE", bjorn);
    const [named] = await world.gateway.rows<{ subject_id: string }>(
      "select subject_id from request where id = $1",
      [id],
    );
    const subjectId = named?.subject_id ?? "";
    await world.gateway.open("mailing", false);
    const plan = await world.gateway.query<{ dataSubject: { erasurePlan: { hash: string } } }>(
      `query($id: ID!) { dataSubject(id: $id, purpose: DATA_SUBJECT_RIGHTS) { erasurePlan { hash } } }`,
      { id: subjectId },
      { as: dpo },
    );
    const input = { subjectId, requestId: id, planHash: plan.data?.dataSubject.erasurePlan.hash };
    await ask(world, "requestErasure", input, { as: dpo, strongly: true });
    await untilRead(id);
    expect(await idOf(world, bjorn)).not.toBe(subjectId);
    await world.gateway.open("mailing", true);
    expect(ended).toContain(await world.until(id, ...ended));
  });

  it("what the person asks for meanwhile ends with it, and no yes of theirs is left", async () => {
    const subjectId = await idOf(world, ola);
    await world.gateway.open("mailing", false);
    const { request } = await erase(world, ola);
    await untilRead(request.id);
    const said = await world.gateway.query<{ setConsent: { request: { id: string } } }>(
      `mutation { setConsent(input: { purpose: NEWSLETTER, given: true }) { ... on SetConsentPayload { request { id } } } }`,
      {},
      { as: ola },
    );
    expect(said.data?.setConsent.request.id, said.text).toBeDefined();
    const objected = await ask(
      world,
      "objectToProcessing",
      { purpose: "CUSTOMER_SUPPORT", reason: "Ro" },
      { as: ola },
    );
    expect(objected.request.kind).toBe("OBJECTION");
    await world.gateway.open("mailing", true);
    expect(ended).toContain(await world.until(request.id, ...ended));
    const open = await world.gateway.rows(
      "select kind, status from request where subject_id = $1 and completed_at is null",
      [subjectId],
    );
    expect(open).toEqual([]);
    const [latest] = await world.gateway.rows(
      "select status from consent_event where subject_id = $1 order by at desc limit 1",
      [subjectId],
    );
    expect(latest).toEqual({ status: "WITHDRAWN" });
  });

  it("also who is in no system that can be read is known again", async () => {
    const subjectId = await idOf(world, nobody);
    await world.gateway.open("mailing", true);
    const { request } = await erase(world, nobody);
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED");
    await using register = await openRegister(world.gateway);
    const hash = identifierHash(register.keyring.hash("identifier"))({ kind: "EMAIL", value: nobody });
    const rows = await world.gateway.rows(
      "select hash from suppressed_identifier where subject_id = $1 and lifted_at is null",
      [subjectId],
    );
    expect(rows).toEqual([{ hash }]);
  });

  it("no other record becomes the person's where it has looked already", async () => {
    const subjectId = await idOf(world, siv);
    await world.gateway.open("mailing", false);
    const { request } = await erase(world, siv);
    await untilRead(request.id);
    await world.own(
      "crm",
      `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
       values (990002, 'K-990002', 'Siv Stille', 'siv.privat@example.com', now(), now(), now())`,
    );
    const linking = await world.gateway.query<{ linkIdentity: { __typename: string; code: string } }>(
      `mutation($input: LinkIdentityInput!) { linkIdentity(input: $input) { __typename ... on Refusal { code } } }`,
      {
        input: {
          subjectId,
          source: "crm",
          identifier: { kind: "CUSTOMER_NUMBER", value: "K-990002" },
          because: "Ringte selv",
        },
      },
      { as: dpo },
    );
    expect(linking.data?.linkIdentity, linking.text).toMatchObject({
      __typename: "Refusal",
      code: "WRONG_STATE",
    });
    await world.gateway.open("mailing", true);
    await world.until(request.id, ...ended);
  });

  it("the daily look opens no second erasure beside one that was asked for while it read", async () => {
    const { request: first } = await erase(world, turid);
    expect(await world.until(first.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
    const subjectId = await idOf(world, turid);
    await world.gateway.open("mailing", false);
    await using crm = await holdUp(world.gateway.systemUrls.crm);
    await crm.run("lock table kontakt in access exclusive mode");
    await world.gateway.rows("update retained set until = until - 3650 where request_id = $1", [first.id]);
    await crm.untilHeld(1);
    const { request } = await erase(world, turid, { sources: ["mailing"] });
    await crm.release();
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const open = await world.gateway.rows(
      "select id from request where subject_id = $1 and kind = 'ERASURE' and id <> $2",
      [subjectId, first.id],
    );
    expect(open).toEqual([{ id: request.id }]);
    await world.gateway.open("mailing", true);
    await world.until(request.id, ...ended);
  });
});

describe("what the law keeps", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({
      config: (config) => ({ ...config, requests: { ...config.requests, scanSeconds: 1 } }),
    });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("goes on being kept and restricted when another record of the person is erased again", async () => {
    const subjectId = await idOf(world, kari);
    const { request } = await erase(world, kari);
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
    const kept = () =>
      world.gateway.rows(
        `select record_type, until::text, count from retained where request_id = $1 and ended_at is null
         order by record_type, until`,
        [request.id],
      );
    const before = await kept();
    expect(before.length).toBeGreaterThan(0);
    await world.own(
      "crm",
      `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
       values (990001, 'K-990001', 'Kari Nordmann', $1, now(), now(), now())`,
      [kari],
    );
    const waiting = () =>
      world.gateway.rows<{ id: string }>("select id from reappearance where subject_id = $1", [subjectId]);
    await until(async () => (await waiting()).length > 0);
    const [seen] = await waiting();
    const settled = await world.gateway.query<{ settleReappearance: { request: { id: string } } }>(
      `mutation($id: ID!) { settleReappearance(input: { id: $id, newRelationship: false, because: "Gammel liste" })
         { ... on ReappearancePayload { request { id } } } }`,
      { id: seen?.id },
      { as: dpo, strongly: true },
    );
    await world.until(settled.data?.settleReappearance.request.id ?? "", ...ended);
    expect(await world.own("crm", "select 1 from kontakt where kontakt_id = 990001")).toEqual([]);
    expect(await kept()).toEqual(before);
    expect(await look(world, subjectId, "BOOKKEEPING", accounting)).toBe("SHOWN");
    expect(await look(world, subjectId, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
  });

  it("goes when its day has come though another's cannot be looked at", async () => {
    await using register = await openRegister(world.gateway);
    const people = createPeople(register);
    const { id: broken } = await people.enrolFound({ kind: "EMAIL", value: "uten.nokkel@example.com" });
    const { request } = await erase(world, turid);
    await world.until(request.id, ...ended);
    const subjectId = await idOf(world, turid);
    const stuck = await insertRequest(register, broken, { kind: "ERASURE", status: "COMPLETED" });
    await world.gateway.rows(
      `insert into retained (id, request_id, source, record_type, count, until, ground)
       values ($1, $2, 'crm', 'orders', 1, '2020-12-31', 'BOOKKEEPING')`,
      [randomUUID(), stuck],
    );
    await world.gateway.rows("update keys.person_key set wrapped_key = $2 where subject_id = $1", [
      broken,
      randomBytes(60),
    ]);
    // Whoever comes first is asked about first.
    await world.gateway.rows("update retained set until = until - 3650 where request_id = $1", [request.id]);
    const opened = async () =>
      (
        await world.gateway.rows(
          "select from request where subject_id = $1 and kind = 'ERASURE' and id <> $2",
          [subjectId, request.id],
        )
      ).length > 0;
    await until(opened);
  });
});

describe("what is left here of a system that was erased alone", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("is no word that the person stated about it", async () => {
    const subjectId = await idOf(world, kari);
    const text = "Jeg klikket aldri på denne.";
    const stated = await ask(
      world,
      "addStatement",
      { source: "mailing", recordType: "deliveries", text },
      { as: kari },
    );
    expect(stated.request.status).toBe("COMPLETED");
    const { request } = await erase(world, kari, { sources: ["mailing"] });
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED");
    const left = await world.gateway.rows(
      "select source from statement where subject_id = $1 and source = 'mailing'",
      [subjectId],
    );
    expect(left).toEqual([]);
  });

  it("is what leads to that which the law keeps there, also where staff vouch for it", async () => {
    await using register = await openRegister(world.gateway);
    const people = createPeople(register);
    const id = await idOf(world, ola);
    const identifier = { kind: "CUSTOMER_NUMBER", value: "K-2" } as const;
    const keep = [{ source: "crm", identifier, recordHash: "ab".repeat(32) }];
    await inTransaction(register.store, (db) => forgetIn(db, register, id, { sources: ["crm"], keep }));
    const person = await people.byId(id);
    expect(person?.links).toEqual(new Map([["crm", [identifier]]]));
    expect(person?.identity.identifiers).toEqual([{ kind: "EMAIL", value: ola }]);
  });
});

it("an erasure that had begun in a system when the backup was made is over there when it is restored", async () => {
  await using world = await openWorld();
  await using register = await openRegister(world.gateway);
  const subjectId = await idOf(world, kari);
  const requestId = await insertRequest(register, subjectId, { kind: "ERASURE", status: "RUNNING" });
  await world.gateway.rows("insert into erasure (request_id, as_of) values ($1, now())", [requestId]);
  await world.gateway.rows(
    "insert into erasure_source (id, request_id, source, begun_at) values ($1, $2, 'crm', now())",
    [randomUUID(), requestId],
  );
  const people = createPeople(register);
  expect((await people.byId(subjectId))?.erasingIn).toEqual(new Set(["crm"]));
  const at = new Date().toISOString();
  await inTransaction(register.store, (db) =>
    restoreErasure(db, subjectId, {
      requestId,
      subjectId,
      formerIds: [],
      receivedAt: at,
      dueAt: at,
      at,
      channel: "PORTAL",
      language: "nb",
      sources: null,
      suppressed: [],
      kept: [{ source: "crm", recordType: "orders", count: 1, until: "2031-12-31", ground: "BOOKKEEPING" }],
      links: [],
      receipt: null,
    }),
  );
  expect((await people.byId(subjectId))?.erasingIn).toEqual(new Set());
});
