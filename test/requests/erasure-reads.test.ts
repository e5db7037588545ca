import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SystemKey, systemKeys as systems } from "../../src/demo/people/person.ts";
import type { Answer } from "../setup/gateway.ts";
import { createPeople } from "../../src/subjects/people.ts";
import { openRegister } from "../setup/register.ts";
import { ended, erase } from "./erasing.ts";
import { idOf } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

type System = SystemKey;
type Branches = Readonly<Partial<Record<System, unknown>>>;

/** Everything of every branch but whether the e-mail tool may write: that ends before the erasure begins there. */
const branches = `
  crm { name email phone postalAddress orders(first: 100) { edges { node { number total restricted lines { product } } } }
    conversations(first: 100) { edges { node { subject body restricted } } } enrichments { attribute value } }
  learning { name email username courses(first: 100) { edges { node { course } } }
    surveyAnswers(first: 100) { edges { node { survey answer } } } sessions(first: 100) { edges { node { startedAt } } } }
  events { name email registrations(first: 100) { edges { node { event name } } } competitionEntries { competition answer } }
  mailing { address name deliveries(first: 100) { edges { node { campaign clicks { url } } } } bounces { at type } }
  website { email submissions(first: 100) { edges { node { form fields { name value } } } }
    visits(first: 100) { edges { node { at ipAddress } } } browsers(first: 100) { edges { node { visitorId } } } }`;

let world: World;
let id: string;
beforeAll(async () => {
  world = await openWorld({ replicas: 2 });
  id = await idOf(world, kari);
  for (const system of systems) await dawdle(system);
});
afterAll(() => world[Symbol.asyncDispose]());

/** Between any two changes in the system there is time for many reads. */
const dawdle = (system: System) =>
  world.own(
    system,
    `create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.15); return null; end $$;
     do $$ declare name text; begin
       for name in select quote_ident(table_name) from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' loop
         execute 'create trigger dawdle before update or delete on ' || name || ' for each statement execute function dawdle()';
       end loop; end $$`,
  );

type Read = Answer<Readonly<Record<string, Branches | null>>>;

interface Reader {
  readonly name: string;
  read(): Promise<Read>;
}

const readers: readonly Reader[] = [
  { name: "me", read: () => world.gateway.query(`{ me { ${branches} } }`, {}, { as: kari }) },
  {
    name: "dataSubject",
    read: () =>
      world.gateway.query(
        `query($id: ID!) { dataSubject(id: $id, purpose: DATA_SUBJECT_RIGHTS) { ${branches} } }`,
        { id },
        { as: dpo, replica: 1 },
      ),
  },
];

/** What an answer says of each source; a source that could not be read says so. */
function saidOf({ data, errors = [] }: Read, { name }: Reader) {
  const isUnavailable = (source: string) =>
    errors.some(({ path, extensions }) => path?.[1] === source && extensions.code === "SOURCE_UNAVAILABLE");
  const said = (source: System) =>
    isUnavailable(source) ? "BEING_ERASED" : JSON.stringify(data?.[name]?.[source]);
  return Object.fromEntries(systems.map((source) => [source, said(source)])) as Record<System, string>;
}

const isWithdrawn = ({ data, errors = [] }: Read) =>
  data === null && errors.every(({ extensions }) => extensions.code === "SOURCE_UNAVAILABLE");

describe("while a person is erased, a source is read", () => {
  const answers = new Map(readers.map((reader) => [reader, [] as Read[]]));
  beforeAll(async () => {
    const over = new AbortController();
    const readOn = async (reader: Reader) => {
      while (!over.signal.aborted) answers.get(reader)?.push(await reader.read());
    };
    const reading = readers.flatMap((reader) => [readOn(reader), readOn(reader)]);
    const { request } = await erase(world, kari);
    await world.until(request.id, ...ended);
    over.abort();
    await Promise.all(reading);
    for (const reader of readers) answers.get(reader)?.push(await reader.read());
  }, 120_000);

  it.each(readers)("as it was before, or as it is after, or not at all, by $name", (reader) => {
    const given = answers.get(reader) ?? [];
    const whole = given.filter((answer) => !isWithdrawn(answer)).map((answer) => saidOf(answer, reader));
    // Of what it had begun to read before, an answer says nothing.
    expect(whole.length).toBeLessThan(given.length);
    for (const source of systems) {
      const seen = new Set(whole.map((said) => said[source]));
      expect(seen).toEqual(new Set([whole[0]?.[source], "BEING_ERASED", whole.at(-1)?.[source]]));
      expect(seen.size).toBe(3);
    }
  });

  it("and what the law keeps is found all the while", () => {
    for (const [reader, given] of answers) {
      const said = given.map((answer) => saidOf(answer, reader).crm);
      expect(said.filter((each) => each === "null")).toEqual([]);
    }
  });
});

it("an erasure that began before another, and is written down after it, is noticed as well", async () => {
  await using register = await openRegister(world.gateway);
  const people = createPeople(register);
  const noticed = await people.lastErasure(id);
  await world.gateway.rows(
    "update erasure_source set begun_at = begun_at - interval '1 second' where source = 'learning'",
  );
  expect(await people.lastErasure(id)).not.toBe(noticed);
});
