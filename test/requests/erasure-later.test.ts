import { afterAll, beforeAll, expect, it } from "vitest";
import { setClock } from "../setup/clock.ts";
import { ended, erase, withoutDocuments } from "./erasing.ts";
import { ask, idOf } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const turid = "turid.moe@example.com";
const ingrid = "ingrid.aas@example.com";

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

const newContact = (id: number, email: string) =>
  world.own(
    "crm",
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
     values ($1::int, 'K-' || $1::int, 'Ny Kunde', $2, now(), now(), now())`,
    [id, email],
  );

const waiting = (subject: string) =>
  world.gateway.rows<{ id: string }>(
    "select id from reappearance where subject_id = $1 and decided_at is null",
    [subject],
  );

const kept = (subject: string) =>
  world.gateway.rows(
    `select from retained r join request q on q.id = r.request_id where q.subject_id = $1 and r.ended_at is null`,
    [subject],
  );

async function erasedButForLaw(email: string): Promise<{ subject: string; contact: number }> {
  const subject = await idOf(world, email);
  const { request } = await erase(world, email);
  expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
  const { data } = await world.gateway.query<{ me: { crm: { customerNumber: string } } }>(
    "{ me { crm { customerNumber } } }",
    {},
    { as: email },
  );
  const [row] = await world.own<{ id: number }>(
    "crm",
    "select kontakt_id as id from kontakt where kundenr = $1",
    [data?.me.crm.customerNumber],
  );
  return { subject, contact: row?.id ?? expect.fail() };
}

it("nobody is let come back while they are erased", async () => {
  const { subject } = await erasedButForLaw(ingrid);
  await newContact(990_101, ingrid);
  await expect.poll(() => waiting(subject), { timeout: 10_000 }).toHaveLength(1);
  const { request } = await erase(world, ingrid);
  expect(request.status).toBe("SCHEDULED");
  const [one] = await waiting(subject);
  const settled = async () => {
    const { data } = await world.gateway.query<{ settleReappearance: { rule?: string } }>(
      `mutation($id: ID!) {
        settleReappearance(input: { id: $id, newRelationship: true, because: "Ny ordre" }) { ... on Refusal { rule } }
      }`,
      { id: one?.id },
      { as: dpo },
    );
    return data?.settleReappearance;
  };
  expect(await settled()).toEqual({ rule: "ERASURE_OPEN" });
  const cancelled = await ask(world, "cancelRequest", { id: request.id }, { as: ingrid });
  expect(cancelled.request.status).toBe("CANCELLED");
  expect(await settled()).toEqual({});
});

it("on the day of what the law kept, what the person has restricted as evidence stays, and nobody's new record goes", async () => {
  const evidence = await erasedButForLaw(turid);
  const restricted = await ask(
    world,
    "restrictProcessing",
    { sources: ["crm"], reason: "Bevis i en sak" },
    { as: turid },
  );
  expect(restricted.request.status).toMatch(/^COMPLETED/);
  const gone = await erasedButForLaw(kari);
  await newContact(990_001, kari);
  // She signs in anew, and asks for something: her address is known again.
  await ask(
    world,
    "restrictProcessing",
    { sources: ["events"], reason: "Vent" },
    { as: kari, strongly: true },
  );
  await withoutDocuments(world, gone.contact);
  await world.own("crm", "delete from kontakt where kontakt_id = $1", [gone.contact]);
  await expect.poll(() => waiting(gone.subject), { timeout: 10_000 }).toHaveLength(1);
  await setClock(world.gateway, new Date("2040-01-02T10:00:00Z"));
  // Nothing is kept where nothing is any more.
  await expect.poll(() => kept(gone.subject), { timeout: 10_000 }).toEqual([]);
  expect(await world.own("crm", "select navn from kontakt where kontakt_id = 990001")).toHaveLength(1);
  expect(await waiting(gone.subject)).toHaveLength(1);
  expect(
    await world.own("crm", "select from kontakt where kontakt_id = $1", [evidence.contact]),
  ).toHaveLength(1);
  expect(await kept(evidence.subject)).not.toEqual([]);
  // Once it is lifted, its day has come.
  await ask(world, "liftRestriction", { sources: ["crm"] }, { as: turid });
  await expect.poll(() => kept(evidence.subject), { timeout: 15_000 }).toEqual([]);
  await expect
    .poll(() => world.own("crm", "select from kontakt where kontakt_id = $1", [evidence.contact]), {
      timeout: 15_000,
    })
    .toEqual([]);
}, 60_000);
