import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { canaryEmail, fixedPeople } from "../../src/demo/people/fixed.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import { crmMapping } from "../../src/demo/systems/crm/mapping.ts";
import { eventsMapping } from "../../src/demo/systems/events/mapping.ts";
import { learningMapping } from "../../src/demo/systems/learning/mapping.ts";
import { websiteMapping } from "../../src/demo/systems/website/mapping.ts";
import { mailingMapping } from "../../src/demo/systems/mailing/mapping.ts";
import type { Finding, Identity, Source } from "../../src/sources/contract.ts";
import { normalise } from "../../src/subjects/identifiers.ts";
import { testDatabase } from "../setup/database.ts";
import { byEmail, credentials, startMailing, type Subscriber, today } from "./mailing-process.ts";

const processor = { name: "Demo", country: "NO", agreement: "none" };
const signal = AbortSignal.timeout(60_000);
const parts = new AsyncDisposableStack();
let sources: readonly Source[];
let subscriber: Subscriber;

beforeAll(async () => {
  const databases = await Promise.all([1, 2, 3, 4].map(() => testDatabase()));
  for (const database of databases) parts.use(database);
  const [crm = "", learning = "", events = "", website = ""] = databases.map(({ url }) => url);
  await fillSystems({ urls: { crm, learning, events, website }, persons: 60, today });
  const mailing = parts.use(await startMailing());
  const found = await mailing.search(byEmail(canaryEmail));
  subscriber = found.results[0]!;
  const access = { url: mailing.url, user: credentials.user, token: credentials.token };
  sources = [
    await createSqlSource("crm", processor, crmMapping(crm)),
    await createSqlSource("learning", processor, learningMapping(learning)),
    await createSqlSource("events", processor, eventsMapping(events)),
    await createSqlSource("website", processor, websiteMapping(website)),
    createRestSource("mailing", processor, mailingMapping(access)),
  ];
  for (const source of sources) parts.defer(() => source.close());
});
afterAll(() => parts.disposeAsync());

const identity = ({ emails }: { readonly emails: readonly string[] }): Identity => ({
  identifiers: emails.map((email) => ({ kind: "EMAIL", value: normalise("EMAIL", email) ?? "" })),
});

describe("the demo's systems, through the gateway's connectors", () => {
  test("are healthy: the canary is found whole", async () => {
    for (const source of sources)
      expect(await source.health({ signal }), source.key).toMatchObject({ ok: true });
  });

  test("hold the fixed persons as said, in every spelling", async () => {
    const findings: Record<string, string> = {};
    const all = await Promise.all(
      sources.map((source) => source.find(fixedPeople.map(identity), { signal })),
    );
    fixedPeople.forEach(({ name }, index) => {
      findings[name] = all.map((found: readonly Finding[]) => found[index]?.state).join(" ");
    });
    expect(findings).toEqual({
      "Kari Nordmann": "HELD HELD HELD HELD HELD",
      "Ola Nordmann": "NOT_HELD HELD HELD NOT_HELD NOT_HELD",
      "Anne Berg": "NEEDS_REVIEW HELD HELD HELD HELD",
      "Per Berg": "NEEDS_REVIEW HELD HELD HELD HELD",
      "Ingrid Aas": "HELD HELD HELD NOT_HELD NOT_HELD",
      "Bjørn André Østby": "HELD HELD HELD HELD HELD",
      "Åse Håland": "HELD HELD HELD HELD NOT_HELD",
      "Stor Leser": "HELD HELD HELD HELD HELD",
      "Siv Stille": "HELD HELD HELD HELD HELD",
      "Eva Enebo": "NOT_HELD NOT_HELD NOT_HELD NOT_HELD HELD",
      "Turid Moe": "NOT_HELD HELD NOT_HELD NOT_HELD NOT_HELD",
    });
  });

  test("read a list that the e-mail tool sends whole", async () => {
    const mailing = sources.find(({ key }) => key === "mailing")!;
    const [finding] = await mailing.find(fixedPeople.slice(0, 1).map(identity), { signal });
    if (finding?.state !== "HELD") throw new Error("the e-mail tool does not hold Kari");
    const [bounces] = await mailing.list("bounces", [finding.record.key], { signal });
    expect(bounces).toEqual([
      {
        at: expect.stringMatching(/Z$/),
        type: expect.any(String),
        source: "smtp",
        campaign: expect.any(String),
      },
    ]);
  });

  test("hold about a hundred records of Kari", async () => {
    const kari = fixedPeople.slice(0, 1).map(identity);
    let records = 0;
    for (const source of sources) {
      const [finding] = await source.find(kari, { signal });
      if (finding?.state !== "HELD") throw new Error(`${source.key} holds nothing`);
      const [count = 0] = await source.count([finding.record.key], { signal });
      records += count;
    }
    expect(records).toBeGreaterThan(80);
    expect(records).toBeLessThan(180);
  });

  test("every member of the e-mail tool's record is mapped, or said to be nothing personal", () => {
    const { person, collections } = mailingMapping({ url: "http://unused.example", user: "", token: "" });
    const paths = [
      person.key,
      person.updatedAt,
      ...Object.values(person.fields),
      ...(person.other ?? []).map(({ path }) => path),
      ...Object.keys(person.notPersonal ?? {}),
      ...Object.values(collections).map((list) => ("embedded" in list ? list.embedded : "")),
    ].map((path) => (typeof path === "object" && path !== null ? path.path : (path ?? "")));
    const members = Object.entries(subscriber).flatMap(([name, value]) =>
      name === "attribs" ? Object.keys(Object(value)).map((key) => `attribs.${key}`) : [name],
    );
    expect(members.filter((member) => !paths.includes(member))).toEqual([]);
  });
});
