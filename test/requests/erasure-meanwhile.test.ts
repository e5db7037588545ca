import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, erase, planOf, withoutDocuments } from "./erasing.ts";
import { ask, idOf, letter, look } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const turid = "turid.moe@example.com";
const eva = "eva.enebo@example.com";
const siv = "siv.stille@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({
      ...config,
      erasure: { ...config.erasure, graceSeconds: 3 },
      requests: { ...config.requests, scanSeconds: 1 },
    }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const contactOf = async (name: string): Promise<number> => {
  const [row] = await world.own<{ id: number }>(
    "crm",
    "select kontakt_id as id from kontakt where navn = $1",
    [name],
  );
  return row?.id ?? expect.fail();
};

const order = (id: number, contact: number, on: string, warranty: string | null = null) =>
  world.own(
    "crm",
    `insert into ordre (ordre_id, kontakt_id, ordrenr, ordredato, belop, valuta, status, garanti_til)
     values ($1::int, $2, 'X-' || $1::int, $3, 10, 'NOK', 'NY', $4)`,
    [id, contact, on, warranty],
  );

const conversation = (id: number, contact: number, about: number | null) =>
  world.own(
    "crm",
    `insert into samtale (samtale_id, kontakt_id, ordre_id, tidspunkt, kanal, emne, tekst)
     values ($1, $2, $3, now(), 'E-post', 'Ny', 'Ny henvendelse')`,
    [id, contact, about],
  );

const inCrm = async (as: string) => (await planOf(world, as)).items.filter(({ source }) => source === "crm");

const retained = (request: string) =>
  world.gateway.rows<{ record_type: string; until: string; ground: string }>(
    "select record_type, until::text as until, ground from retained where request_id = $1 and ended_at is null order by 1",
    [request],
  );

const reappearancesOf = (subject: string) =>
  world.gateway.rows<{ id: string; source: string }>(
    "select id, source from reappearance where subject_id = $1 and decided_at is null",
    [subject],
  );

async function settle(id: string, newRelationship: boolean): Promise<void> {
  const { data } = await world.gateway.query<{ settleReappearance: { subject?: { id: string } } }>(
    `mutation($input: SettleReappearanceInput!) {
      settleReappearance(input: $input) { ... on ReappearancePayload { subject { id } } }
    }`,
    { input: { id, newRelationship, because: "Undersøkt" } },
    { as: dpo, strongly: true },
  );
  expect(data?.settleReappearance.subject).toBeDefined();
}

describe("between the plan and the run", () => {
  it("an order comes, and a conversation about it: the law's grounds, marks and receipt are theirs too", async () => {
    const contact = await contactOf("Turid Moe");
    await withoutDocuments(world, contact);
    // Its day is before any that a sale may be of, and no warranty has an end that cannot be told.
    await order(880_101, contact, "2015-05-05", "infinity");
    expect(await inCrm(turid)).toContainEqual(
      expect.objectContaining({ recordType: "orders", count: 1, retainedUntil: "9999-12-31" }),
    );
    await world.own("crm", "update ordre set garanti_til = '2030-05-05' where ordre_id = 880101");
    const plan = await inCrm(turid);
    // What is kept for its warranty alone is no sales document any more, nor is whom it names.
    expect(plan.filter(({ action }) => action === "RETAIN_RESTRICTED")).toEqual([
      expect.objectContaining({ recordType: "orders", legalGround: "GDPR Art. 17(3)(e)" }),
      expect.objectContaining({
        recordType: "record",
        legalGround: "GDPR Art. 17(3)(e)",
        retainedUntil: "2030-05-05",
      }),
    ]);
    // Another order than the one that was looked at, though of it the plan says the same.
    const { hash } = await planOf(world, turid);
    await world.own("crm", "update ordre set ordrenr = 'X-102', belop = 11 where ordre_id = 880101");
    expect((await planOf(world, turid)).items).toEqual(expect.arrayContaining(plan));
    const stale = await ask(world, "requestErasure", { planHash: hash }, { as: turid, strongly: true });
    expect(stale).toMatchObject({ code: "PLAN_CHANGED" });
    await withoutDocuments(world, contact);
    expect((await inCrm(turid)).map(({ action }) => action)).not.toContain("RETAIN_RESTRICTED");
    const { request } = await erase(world, turid);
    expect(request.status).toBe("SCHEDULED");
    await order(880_001, contact, new Date().toISOString());
    await conversation(880_001, contact, 880_001);
    expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED_WITH_RETENTION");
    expect((await retained(request.id)).map(({ record_type, ground }) => [record_type, ground])).toEqual([
      ["conversations", "SECONDARY_DOCUMENTATION"],
      ["orders", "SALES_DOCUMENT"],
      ["record", "PARTY_TO_SALE"],
    ]);
    const marks = "select sperret, oppbevares_til is not null as until from";
    for (const table of ["ordre", "samtale"])
      expect(await world.own("crm", `${marks} ${table} where kontakt_id = $1`, [contact])).toEqual([
        { sperret: true, until: true },
      ]);
    const [row] = await world.gateway.rows<{ receipt: string }>("select receipt from request where id = $1", [
      request.id,
    ]);
    const { kept } = decodeJwt<{ kept: { record_type: string }[] }>(row?.receipt ?? "");
    expect(kept.map(({ record_type }) => record_type)).toEqual(["conversations", "orders", "record"]);
  });

  it("a letter's erasure is taken back before anybody has acted on it", async () => {
    const { id } = await letter(world, "ERASURE", siv);
    const because = "Jeg ombestemte meg";
    const { request } = await ask(world, "cancelRequest", { id, because }, { as: siv });
    expect(request.status).toBe("CANCELLED");
    const { data } = await world.gateway.query<{ request: { timeline: { event: string; note: string }[] } }>(
      "query ($id: ID!) { request(id: $id) { timeline { event note } } }",
      { id },
      { as: dpo },
    );
    expect(data?.request.timeline).toContainEqual({ event: "CANCELLED_BY_ASKER", note: because });
  });

  it("staff take one back with a reason alone, and the person is told", async () => {
    const { request } = await erase(world, eva);
    const without = await ask(world, "cancelRequest", { id: request.id }, { as: dpo });
    expect(without).toMatchObject({ code: "INVALID_VALUE", field: "because" });
    const because = "Eva ringte og ombestemte seg";
    const taken = await ask(world, "cancelRequest", { id: request.id, because }, { as: dpo });
    expect(taken.request.status).toBe("CANCELLED");
    const [event] = await world.gateway.rows<{ by_role: string }>(
      "select by_role from request_event where request_id = $1 and event = 'CANCELLED_FOR_ASKER'",
      [request.id],
    );
    expect(event).toEqual({ by_role: "DPO" });
    const subjects = async () =>
      (await world.gateway.outside.mails()).filter(({ to }) => to === eva).map(({ subject }) => subject);
    await expect.poll(subjects, { timeout: 10_000 }).toContain("The erasure has been taken back");
    expect(await subjects()).not.toContain("The data about you has been erased");
  });
});

describe("what the law has kept", () => {
  const accounting = "accounting@intech.example";
  let subject: string;
  let erasure: string;
  let contact: number;
  beforeAll(async () => {
    subject = await idOf(world, kari);
    contact = await contactOf("Kari Nordmann");
    const { request } = await erase(world, kari);
    erasure = request.id;
    expect(await world.until(erasure, ...ended)).toBe("COMPLETED_WITH_RETENTION");
  }, 60_000);

  it("is put before the DPO where an import names the person in it again, and accounting reads it still", async () => {
    expect(await reappearancesOf(subject)).toEqual([]);
    await world.own("crm", "update kontakt set epost = $2, mobil = '99887766' where kontakt_id = $1", [
      contact,
      kari,
    ]);
    await expect.poll(() => reappearancesOf(subject), { timeout: 10_000 }).toMatchObject([{ source: "crm" }]);
    expect(await look(world, subject, "BOOKKEEPING", accounting)).toBe("SHOWN");
    const [waits] = await reappearancesOf(subject);
    await settle(waits?.id ?? "", false);
    await expect
      .poll(() => world.own("crm", "select epost, mobil from kontakt where kontakt_id = $1", [contact]), {
        timeout: 15_000,
      })
      .toEqual([{ epost: null, mobil: null }]);
    expect(await look(world, subject, "BOOKKEEPING", accounting)).toBe("SHOWN");
  });

  it("waits for the DPO on its day, where something has come to it since", async () => {
    await conversation(880_201, contact, null);
    const [first] = await world.gateway.rows<{ id: string; until: string }>(
      `select q.id, min(r.until)::text as until from retained r join request q on q.id = r.request_id
       where q.subject_id = $1 and r.ended_at is null group by q.id order by q.received_at desc limit 1`,
      [subject],
    );
    await world.gateway.rows(
      "update retained set until = '2020-01-01' where request_id = $1 and until = $2",
      [first?.id, first?.until],
    );
    await expect.poll(() => reappearancesOf(subject), { timeout: 10_000 }).toMatchObject([{ source: "crm" }]);
    const erasures = () =>
      world.gateway.rows("select from request where subject_id = $1 and kind = 'ERASURE'", [subject]);
    const before = await erasures();
    expect(await world.own("crm", "select from samtale where samtale_id = 880201")).toHaveLength(1);
    const [waits] = await reappearancesOf(subject);
    await settle(waits?.id ?? "", false);
    await expect
      .poll(() => world.own("crm", "select from samtale where samtale_id = 880201"), { timeout: 15_000 })
      .toEqual([]);
    expect((await erasures()).length).toBe(before.length + 1);
  });
});

describe("whoever was erased in one system alone, and comes back there", () => {
  it("stays who they are, with what they have decided", async () => {
    const ingrid = "ingrid.aas@example.com";
    const subject = await idOf(world, ingrid);
    await ask(world, "restrictProcessing", { sources: ["learning"], reason: "Feil" }, { as: ingrid });
    const { request } = await erase(world, ingrid, { sources: ["crm"] });
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
    await world.own(
      "crm",
      `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
       values (990001, 'K-990001', 'Ingrid Aas', $1, now(), now(), now())`,
      [ingrid],
    );
    await expect.poll(() => reappearancesOf(subject), { timeout: 10_000 }).toHaveLength(1);
    const [waits] = await reappearancesOf(subject);
    await settle(waits?.id ?? "", true);
    expect(await idOf(world, ingrid)).toBe(subject);
    const { data } = await world.gateway.query<{ me: { restrictions: { sources: string[] }[] } }>(
      "{ me { restrictions { sources } } }",
      {},
      { as: ingrid },
    );
    expect(data?.me.restrictions.flatMap(({ sources }) => sources)).toContain("learning");
  });
});
