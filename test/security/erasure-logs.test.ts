import { decodeJwt, decodeProtectedHeader } from "jose";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ended, planOf } from "../requests/erasing.ts";
import { ask, idOf } from "../requests/rights.ts";
import { dpo, kari, openWorld, type World } from "../requests/world.ts";
import { valuesOf } from "./attacks/persons.ts";
import { orderOf, said } from "./said.ts";

let world: World;
/** What must stand nowhere: all that the systems hold of her alone, what she has said, and what she asks for. */
let values: readonly string[];
const words = { reason: "Fordi jeg har flyttet til Kvalsund" };
beforeAll(async () => {
  world = await openWorld({ http: { logLevel: "trace" } });
  const held = (await valuesOf(world.gateway.systemUrls, kari)).filter(
    // A number or a day that is hers alone may be any other thing in a log.
    (value) => !/^[\d.]{0,8}$/.test(value) && !/T00:00:00/.test(value),
  );
  const [contact] = await world.own<{ navn: string; mobil: string; kundenr: string; adresse: string }>(
    "crm",
    "select navn, mobil, kundenr, adresse from kontakt where lower(epost) = $1",
    [kari],
  );
  const { statement, objection, restriction, phone } = said;
  values = [
    ...new Set([
      ...held,
      ...Object.values(contact ?? {}),
      kari,
      "kari.nordmann",
      phone.slice(3),
      statement,
      objection,
      restriction,
      ...Object.values(words),
    ]),
  ];
  expect(values.length).toBeGreaterThan(40);
  await speak();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What she has had done before, in her own words. */
async function speak(): Promise<void> {
  const record = await orderOf(world.gateway, kari);
  const as = { as: kari };
  await ask(world, "addStatement", { source: "crm", recordType: "orders", record, text: said.statement }, as);
  await ask(world, "objectToProcessing", { purpose: "STATISTICS", reason: said.objection }, as);
  await ask(world, "restrictProcessing", { sources: ["events"], reason: said.restriction }, as);
  await world.gateway.query(
    "mutation ($input: RectifyInput!) { rectify(input: $input) { __typename } }",
    { input: { changes: [{ field: "PHONE", value: said.phone }] } },
    as,
  );
}

const inCrm = async (sql: string) => {
  const client = new pg.Client({ connectionString: world.gateway.systemUrls.crm });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};
const talking = ["samtale", "berikelse", "ordre", "kontakt", "epost_logg"];

const shortly = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The gateway's own database refuses what is asked for, and shows the row that it has refused. */
async function refusing(table: string, input: object): Promise<void> {
  await world.gateway.rows(`alter table ${table} add constraint never check (false) not valid`);
  const { errors } = await world.gateway.query(
    "mutation ($input: RequestErasureInput!) { requestErasure(input: $input) { __typename } }",
    { input },
    { as: kari, strongly: true },
  );
  await world.gateway.rows(`alter table ${table} drop constraint never`);
  expect([table, errors?.[0]?.extensions.code]).toEqual([table, "INTERNAL"]);
}

/** As `refusing`, of what the steps write. */
async function whileOurOwnDatabaseRefuses(): Promise<void> {
  for (const table of ["request_step", "request_event", "erasure_source", "retained", "audit_entry"]) {
    await world.gateway.rows(`alter table ${table} add constraint never check (false) not valid`);
    // Of the others nothing may be written at this moment.
    if (table === "request_step") await expect.poll(refusedSteps, { timeout: 10_000 }).not.toEqual([]);
    else await shortly(700);
    await world.gateway.rows(`alter table ${table} drop constraint never`);
  }
}

const refusedSteps = () =>
  world.gateway.rows("select from pgboss.job where name = 'request-step' and output::text like '%never%'");

const leftBehind = (id: string) =>
  world.gateway.rows<{ about: string }>(
    "select about from request_step where request_id = $1 and detail = 'LEFT_BEHIND'",
    [id],
  );

test("no line, metric, entry of the trail, step, or receipt of an erasure says anything of the person, whatever fails", async () => {
  const { gateway } = world;
  const id = await idOf(world, kari);
  await gateway.open("mailing", false);
  await inCrm(
    `create function talk() returns trigger language plpgsql as $$
       begin raise exception 'not % of %', old, tg_table_name using detail = old::text, hint = old::text; end $$;
     ${talking.map((table) => `create trigger talk before update or delete on ${table} for each row execute function talk();`).join("\n")}`,
  );
  const { hash: planHash } = await planOf(world, kari);
  const asked = { planHash, reason: words.reason };
  for (const table of ["erasure", "request", "request_step", "request_event"]) await refusing(table, asked);
  const { request } = await ask(world, "requestErasure", asked, { as: kari, strongly: true });
  await expect
    .poll(() => gateway.rows("select from request_step where source = 'crm' and last_error is not null"), {
      timeout: 10_000,
    })
    .not.toEqual([]);
  await whileOurOwnDatabaseRefuses();
  // What the vendor's nightly job brings back when all has gone.
  await inCrm(
    `${talking.map((table) => `drop trigger talk on ${table};`).join("\n")}
     create table kopi as select b.* from berikelse b join kontakt using (kontakt_id) where lower(epost) = '${kari}';
     create function hent() returns trigger language plpgsql as $$
       begin insert into berikelse select * from kopi on conflict do nothing; return null; end $$;
     create trigger hent after update on kontakt for each row when (old.epost is distinct from new.epost) execute function hent()`,
  );
  await gateway.open("mailing", true);
  for (const manner of ["error-500", "malformed-json", "failure-in-200"]) {
    await gateway.manners(manner);
    await shortly(500);
    await gateway.manners(null);
  }
  await expect.poll(() => leftBehind(request.id), { timeout: 15_000 }).not.toEqual([]);
  const [left] = await leftBehind(request.id);
  expect(left?.about).toMatch(/^[\w.]+ \(\d+\)(, [\w.]+( \(\d+\))?)*$/);
  await inCrm("drop trigger hent on kontakt; drop table kopi");
  await ask(world, "retryRequest", { id: request.id }, { as: dpo });
  await world.until(request.id, ...ended);
  await gateway.query(
    "query ($id: ID!) { dataSubject(id: $id, purpose: BOOKKEEPING) { crm { name } } }",
    { id },
    {
      as: "accounting@intech.example",
    },
  );

  const log = gateway.lines.join("");
  expect(log).toContain('"level":"error"');
  expect(gateway.lines.length).toBeGreaterThan(15);
  const [row] = await gateway.rows<{ receipt: string }>("select receipt from request where id = $1", [
    request.id,
  ]);
  const receipt = row?.receipt ?? expect.fail();
  const { data: shown, text: answered } = await gateway.query<{ request: { timeline: object[] } }>(
    "query ($id: ID!) { request(id: $id) { steps { source recordType field lastError outcome { detail } } timeline { event detail note } } }",
    { id: request.id },
    { as: dpo },
  );
  expect(shown?.request.timeline.length).toBeGreaterThan(5);
  expectSilent({
    log,
    metrics: await (await fetch(`${gateway.url}/metrics`)).text(),
    receipt: JSON.stringify([decodeProtectedHeader(receipt), decodeJwt(receipt)]),
    answered,
    ...(await tables()),
  });
}, 90_000);

/** Everything that the gateway's database has, but for what is sealed: that is bytes. */
async function tables(): Promise<Readonly<Record<string, string>>> {
  const { gateway } = world;
  const names = await gateway.rows<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('public', 'keys', 'pgboss') and table_type = 'BASE TABLE'`,
  );
  expect(names.length).toBeGreaterThan(20);
  const rows = await Promise.all(
    names.map(
      async ({ name }) =>
        [name, JSON.stringify(await gateway.rows(`select t::text from ${name} t`))] as const,
    ),
  );
  return Object.fromEntries(rows);
}

function expectSilent(told: Readonly<Record<string, string>>): void {
  const spellings = (value: string) => [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value).toString("hex"),
    Buffer.from(value).toString("base64").replace(/=+$/, ""),
  ];
  for (const [what, text] of Object.entries(told)) {
    const whole = text.toLowerCase().normalize("NFC");
    const leaked = values.filter((value) =>
      spellings(value).some((spelling) => whole.includes(spelling.toLowerCase().normalize("NFC"))),
    );
    expect({ what, leaked }).toEqual({ what, leaked: [] });
  }
}
