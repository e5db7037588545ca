import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SystemKey } from "../../src/demo/people/person.ts";
import { ended, erase } from "./erasing.ts";
import { ask } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const ingrid = "ingrid.aas@example.com";
const eva = "eva.enebo@example.com";
const åse = "åse.håland@example.com";
const turid = "turid.moe@example.com";
const siv = "siv.stille@example.com";
const bjørn = "bjørn.østby@example.com";

/** What a system does by a rule of its own as something is erased in it: all of it happens while the erasure runs. */
let ruled: SystemKey | null = null;
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(unruled);
afterAll(() => world[Symbol.asyncDispose]());

/** @param when after `create`, up to the execution @param does with the row as it was, `old` */
async function rule(system: SystemKey, when: string, does: string): Promise<void> {
  ruled = system;
  await world.own(
    system,
    `create function rule() returns trigger language plpgsql as $$ begin ${does} return null; end $$;
     create ${when} execute function rule()`,
  );
}

async function unruled(): Promise<void> {
  if (ruled) await world.own(ruled, "drop function if exists rule() cascade");
  ruled = null;
}

/** How the verification ended, and what it is said to be about. */
async function verified(id: string): Promise<unknown> {
  const [step] = await world.gateway.rows(
    "select state, detail, about from request_step where request_id = $1 and action = 'VERIFY'",
    [id],
  );
  return step;
}

/** Whose record the system replaces by another as it goes, and with which row. */
interface Again {
  readonly of: string;
  readonly when: string;
  /** That what happens is the end of the record; absent: always. */
  readonly gone?: string;
  readonly table: string;
  readonly address: string;
  readonly row: string;
}

const untilItEnds = (id: string) => world.until(id, ...ended, "NEEDS_ATTENTION");

/** Staff have seen to it that the system has no such rule any more. */
async function retried(id: string): Promise<string> {
  await unruled();
  await ask(world, "retryRequest", { id }, { as: dpo });
  return world.until(id, ...ended);
}

it("a kept order that is changed as the last of the rest goes is said to have changed, until it is put right", async () => {
  const [contact] = await world.own<{ id: number }>(
    "crm",
    "select kontakt_id as id from kontakt where epost = $1",
    [kari],
  );
  const charge = (kroner: number) =>
    `update ordre set belop = belop + ${kroner} where ordre_id =
       (select max(ordre_id) from ordre where kontakt_id = ${contact?.id} and sperret);`;
  // At the end of the transaction, after what watches over it there.
  const reduced =
    "constraint trigger rule after update on kontakt deferrable initially deferred for each row when (old.epost is not null and new.epost is null)";
  await rule("crm", reduced, charge(1));
  const { request } = await erase(world, kari, { sources: ["crm"] });
  expect(await untilItEnds(request.id)).toBe("NEEDS_ATTENTION");
  expect(await verified(request.id)).toEqual({ state: "FAILED", detail: "KEPT_CHANGED", about: null });
  await ask(world, "retryRequest", { id: request.id }, { as: dpo });
  expect(await untilItEnds(request.id)).toBe("NEEDS_ATTENTION");
  await world.own("crm", charge(-1));
  expect(await retried(request.id)).toBe("COMPLETED_WITH_RETENTION");
});

describe.each<[SystemKey, Again]>([
  [
    "crm",
    {
      of: åse,
      when: "update or delete on kontakt",
      gone: "tg_op = 'DELETE' or new.epost is null",
      table: "kontakt",
      address: "epost",
      row: "(kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret) values (999999, 'K-999999', 'Åse', old.epost, now(), now(), now())",
    },
  ],
  [
    "learning",
    {
      of: turid,
      when: "update on mdl_user",
      gone: "new.email <> old.email",
      table: "mdl_user",
      address: "email",
      row: "(id, username, password, firstname, lastname, email, timecreated, timemodified) values (999999, 'ny', '', 'Turid', 'Moe', old.email, 1, 1)",
    },
  ],
  [
    "events",
    {
      of: ola,
      when: 'delete on "Attendee"',
      table: '"Attendee"',
      address: '"Email"',
      row: `("Id", "FullName", "Email", "CreatedAt", "UpdatedAt") values (gen_random_uuid(), 'Ola', old."Email", now(), now())`,
    },
  ],
  [
    "mailing",
    {
      of: eva,
      when: "delete on subscribers",
      table: "subscribers",
      address: "email",
      row: "(email, name) values (old.email, 'Eva')",
    },
  ],
  [
    "website",
    {
      of: kari,
      when: "delete on web_contact",
      table: "web_contact",
      address: "email",
      row: "(contact_key, email, first_seen_at, last_seen_at, updated_at) values ('c_again', old.email, now(), now(), now())",
    },
  ],
])("%s", (system, { of, when, gone = "true", table, address, row }) => {
  it("has another record with the person's address by the time that theirs is gone: it is found by that", async () => {
    await rule(
      system,
      `trigger rule after ${when} for each row`,
      `if lower(old.${address}) = '${of}' and (${gone}) then insert into ${table} ${row}; end if;`,
    );
    const { request } = await erase(world, of, { sources: [system] });
    expect(await untilItEnds(request.id)).toBe("NEEDS_ATTENTION");
    expect(await verified(request.id)).toEqual({ state: "FAILED", detail: "LEFT_BEHIND", about: "record" });
    await unruled();
    const another = `from ${table} where lower(${address}) = '${of}'`;
    expect(await world.own(system, `select ${another}`)).toHaveLength(1);
    // Without what a rule of the system's own would make of it.
    await world.own(system, `begin; set local session_replication_role = replica; delete ${another}; commit`);
    await retried(request.id);
  });
});

it("what comes of a type of record after its own step goes before the record does", async () => {
  const [contact] = await world.own<{ id: number }>(
    "crm",
    "select kontakt_id as id from kontakt where lower(epost) = $1",
    [ingrid],
  );
  const id = contact?.id ?? expect.fail("she is not there");
  const enrichment = `insert into berikelse select max(berikelse_id) + 1, ${id}, 'Bransje', 'Bergverk', 'Andre AS', now() from berikelse;`;
  const conversation = `insert into samtale (samtale_id, kontakt_id, tidspunkt, kanal, tekst)
    select max(samtale_id) + 1, ${id}, now(), 'telefon', 'Ringte' from samtale;`;
  const mail = `insert into epost_logg select max(logg_id) + 1, ${id}, '${ingrid}', 'Hei', now() from epost_logg`;
  for (const row of [enrichment, conversation, mail]) await world.own("crm", row);
  // Traces are erased after enrichments and conversations: there it comes again.
  await rule(
    "crm",
    `trigger rule after delete on epost_logg for each row when (old.kontakt_id = ${id})`,
    `${enrichment} ${conversation}`,
  );
  const { request } = await erase(world, ingrid, { sources: ["crm"] });
  expect(ended).toContain(await untilItEnds(request.id));
  const left = await world.own(
    "crm",
    `select from berikelse where kontakt_id = $1
     union all select from samtale where kontakt_id = $1 and tekst = 'Ringte'`,
    [id],
  );
  expect(left).toEqual([]);
});

/** A visit in a browser, with nothing in it that names anybody. */
const visit = (visitor: string, ip: string) =>
  `insert into web_visit (visit_key, visitor_id, started_at, ip) values (gen_random_uuid()::text, ${visitor}, now(), '${ip}');`;
const visitsFrom = (ip: string) => world.own("website", "select from web_visit where ip = $1", [ip]);

it("a visit that the website writes once nothing says any more whose the browser was goes with the record", async () => {
  await rule(
    "website",
    "constraint trigger rule after delete on web_contact_browser deferrable initially deferred for each row",
    visit("old.visitor_id", "203.0.113.77"),
  );
  const { request } = await erase(world, bjørn, { sources: ["website"] });
  expect(await untilItEnds(request.id)).toBe("COMPLETED");
  expect(await visitsFrom("203.0.113.77")).toEqual([]);
});

it("a visit that the website writes once the record is gone, too, is said to be left, until it is erased", async () => {
  const [browser] = await world.own<{ visitor: string }>(
    "website",
    "select visitor_id as visitor from web_contact_browser join web_contact using (contact_key) where email = $1",
    [siv],
  );
  await rule(
    "website",
    `trigger rule after delete on web_contact for each row when (old.email = '${siv}')`,
    visit(`'${browser?.visitor ?? expect.fail("she has no browser")}'`, "203.0.113.78"),
  );
  const { request } = await erase(world, siv, { sources: ["website"] });
  expect(await untilItEnds(request.id)).toBe("NEEDS_ATTENTION");
  expect(await verified(request.id)).toEqual({
    state: "FAILED",
    detail: "LEFT_BEHIND",
    about: "web_visit (1)",
  });
  expect(await visitsFrom("203.0.113.78")).toHaveLength(1);
  expect(await retried(request.id)).toBe("COMPLETED");
  expect(await visitsFrom("203.0.113.78")).toEqual([]);
});
