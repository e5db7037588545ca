import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { idOf } from "../requests/rights.ts";
import { impatient, kari, openWorld, type World } from "../requests/world.ts";
import { orderOf, said, useRequests } from "./said.ts";

let world: World;
/** What must stand nowhere: what is said, and what was held of the person before. */
let values: readonly string[];
let orderNumber: string;
beforeAll(async () => {
  world = await openWorld({
    http: { logLevel: "trace" },
    config: (config) => ({ ...config, messages: undefined, requests: { ...impatient, attempts: 2 } }),
  });
  orderNumber = await orderOf(world.gateway, kari);
  const [contact] = await world.own<{ navn: string; mobil: string }>(
    "crm",
    "select navn, mobil from kontakt where lower(epost) = $1",
    [kari],
  );
  const { navn = "", mobil = "" } = contact ?? {};
  const phones = Object.values(await world.phones()).flatMap((phone) => phone ?? []);
  values = [...Object.values(said), "91919191", kari, "kari.nordmann", navn, mobil, ...phones, orderNumber];
  expect(values.every((value) => value.length > 5)).toBe(true);
});
afterAll(() => world[Symbol.asyncDispose]());

const owner = async (connectionString: string, sql: string) => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

const correct = (value: string, field = "NAME") =>
  world.gateway.query(
    `mutation ($input: RectifyInput!) { rectify(input: $input) { __typename ... on RectifyPayload { request { id } } } }`,
    { input: { changes: [{ field, value }] } },
    { as: kari },
  );

/** Systems that refuse, and say in their own words what they refuse. */
async function whileSystemsTalk(): Promise<void> {
  const { crm } = world.gateway.systemUrls;
  await owner(
    crm,
    `create function talk() returns trigger language plpgsql as $$
       begin raise exception 'no % in place of %', new.navn, old.navn using detail = new::text, hint = old.epost; end $$;
     create trigger talk before update on kontakt for each row execute function talk()`,
  );
  expect((await correct(`${said.name} Talende`)).data).toBeTruthy();
  const met = await world.gateway.rows(
    "select from request_step where source = 'crm' and (last_error is not null or detail = 'NOT_ACCEPTED')",
  );
  expect(met.length).toBeGreaterThan(0);
  await owner(crm, "drop trigger talk on kontakt");
  for (const manner of ["error-500", "malformed-json", "failure-in-200"]) {
    await world.gateway.manners(manner);
    await correct(`${said.name} ${manner.replace(/\W|\d/g, "")}`);
    await world.gateway.manners(null);
  }
}

/** What writes to each table. */
const writing = (): Readonly<Record<string, readonly [mutation: string, input: object]>> => ({
  consent_event: ["setConsent", { purpose: "PROFILE_TAILORING", given: true }],
  identifier: ["rectify", { changes: [{ field: "EMAIL", value: `nyere.${said.newEmail}` }] }],
  statement: [
    "addStatement",
    { source: "crm", recordType: "orders", record: orderNumber, text: said.statement },
  ],
  objection: ["objectToProcessing", { purpose: "STATISTICS", reason: said.objection }],
  restriction: ["restrictProcessing", { reason: said.restriction }],
  request_step: ["rectify", { changes: [{ field: "POSTAL_ADDRESS", value: `${said.address}, Norge` }] }],
  request: ["rectify", { changes: [{ field: "POSTAL_ADDRESS", value: `${said.address}, Noreg` }] }],
});

/** The gateway's own database refuses what is written to it, and shows the row that it has refused. */
async function whileOurOwnDatabaseRefuses(): Promise<void> {
  const { gateway } = world;
  for (const [table, [mutation, input]] of Object.entries(writing())) {
    await gateway.rows(`alter table ${table} add constraint never check (false) not valid`);
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const { errors } = await gateway.query(
      `mutation ($input: ${type}) { ${mutation}(input: $input) { __typename } }`,
      { input },
      { as: kari },
    );
    await gateway.rows(`alter table ${table} drop constraint never`);
    expect([table, errors?.map(({ extensions }) => extensions.code)]).toEqual([table, ["INTERNAL"]]);
  }
}

test("no line, metric or entry of the trail has a word of a request, whatever fails", async () => {
  const { gateway } = world;
  const id = await idOf(world, kari);
  await gateway.open("mailing", false);
  await gateway.outside.open("partner", false);
  await useRequests(gateway, id, orderNumber);
  await gateway.query(
    `mutation { setConsent(input: { purpose: PARTNER_MARKETING, given: true }) { __typename } }`,
    {},
    { as: kari },
  );
  await gateway.open("mailing", true);
  await whileSystemsTalk();
  await whileOurOwnDatabaseRefuses();
  // A step that runs meanwhile cannot be written down.
  await gateway.rows("alter table audit_entry rename to gone");
  await correct(`${said.name} Borte`);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await gateway.rows("alter table gone rename to audit_entry");
  await gateway.outside.open("partner", true);
  await expect
    .poll(async () => (await gateway.outside.notices()).length, { timeout: 10_000 })
    .toBeGreaterThan(0);

  const log = gateway.lines.join("");
  expect(gateway.lines.length).toBeGreaterThan(40);
  expect(log).toContain("internal fault");
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  const trail = JSON.stringify(await gateway.rows("select * from audit_entry"));
  for (const [what, text] of Object.entries({ log, metrics, trail })) {
    const told = text.toLowerCase().normalize("NFC");
    const leaked = values.filter((value) =>
      [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)].some((spelling) =>
        told.includes(spelling.toLowerCase().normalize("NFC")),
      ),
    );
    expect({ what, leaked }).toEqual({ what, leaked: [] });
  }
}, 60_000);
