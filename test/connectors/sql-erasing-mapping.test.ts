import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NewKey, Overwriting } from "../../src/connectors/sql/erasure-mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { processor } from "./harness.ts";
import {
  type Erasures,
  erasingMapping,
  erasures,
  sqlErasingHarness,
  type SqlErasingSystem,
} from "./sql-erasing-harness.ts";

const { collections, record, traces = [] } = erasures;
const { reduced } = record;
if (!reduced) throw new Error("the suites' mapping keeps records");

const reduce = (overwrite: Overwriting, keeps: Readonly<Record<string, string>> = {}): Erasures => ({
  ...erasures,
  record: {
    ...record,
    reduced: { overwrite: { ...reduced.overwrite, ...overwrite }, keeps: { ...reduced.keeps, ...keeps } },
  },
});
const without = (name: string): Erasures => {
  const rest = Object.entries(reduced.overwrite).filter(([column]) => column !== name);
  return { ...erasures, record: { ...record, reduced: { ...reduced, overwrite: Object.fromEntries(rest) } } };
};
const anonymise = (
  overwrite: Overwriting,
  keeps: Readonly<Record<string, string>> = {},
  key: NewKey | undefined = "NEGATIVE",
): Erasures => ({
  ...erasures,
  collections: { ...collections, tags: { anonymise: { parent: 1, key, overwrite, keeps } } },
});
const trace = (change: Partial<(typeof traces)[number]>): Erasures => ({
  ...erasures,
  traces: traces.map((place) => ({ ...place, ...change })),
});

describe("a mapping that leaves open how tables forget", () => {
  let erasing: SqlErasingSystem;
  beforeAll(async () => {
    erasing = await sqlErasingHarness.make("integer");
    await erasing.system.store.pool.query("alter table tag alter column label set not null");
  });
  afterAll(() => erasing[Symbol.asyncDispose]());

  const refusals: [string, Erasures][] = [
    ["person.phone stays: overwrite it, or say in keeps why it is kept", without("phone")],
    ["person.given is overwritten and kept: choose one", reduce({ given: "" })],
    ["there is no column person.middle", reduce({ middle: "" })],
    ["there is no column person.middle", reduce({}, { middle: "a name" })],
    ["person.password is never null: write another value over it", reduce({ password: null })],
    ["person.weight cannot be made coarse so", reduce({ weight: { nearest: 0 } })],
    ["person.phone cannot be made coarse so", reduce({ phone: { oneOf: [] } })],
    [
      "person.email names the person: overwrite it",
      { ...erasures, record: { ...record, stays: { overwrite: {}, keeps: { email: "a mistake" } } } },
    ],
    ["there is no column person.until", { ...erasures, record: { ...record, mark: { until: "until" } } }],
    [
      "there is no column letter.until",
      { ...erasures, collections: { ...collections, letters: { mark: { until: "until" } } } },
    ],
    ["tag.since stays: overwrite it", anonymise({ label: "" })],
    ["tag.label is never null", anonymise({ label: { oneOf: ["yes"] }, since: null })],
    ["tag.person_id is given to the one parent", anonymise({ label: "", since: null, person_id: 1 })],
    [
      "tag.id leads back: say what key it becomes, or in keeps why it is kept",
      {
        ...erasures,
        collections: {
          ...collections,
          tags: { anonymise: { parent: 1, overwrite: { label: "", since: null }, keeps: {} } },
        },
      },
    ],
    ["tag.id is changed and kept: choose one", anonymise({ label: "", since: null }, { id: "a mistake" })],
    ["tag.id (int8) takes no key UUID", anonymise({ label: "", since: null }, {}, "UUID")],
    [
      "letters cannot be anonymised with rows inside it",
      {
        ...erasures,
        collections: {
          ...collections,
          letters: { anonymise: { parent: 1, key: "NEGATIVE", overwrite: {}, keeps: {} } },
        },
      },
    ],
    [
      "table envelope is not there, or may not be read",
      {
        ...erasures,
        collections: {
          ...collections,
          letters: { along: [{ table: "envelope", key: "id", parent: "letter_id" }] },
        },
      },
    ],
    ["say by which columns rows of trace name a person", trace({ named: [] })],
    ["trace.email names the person: overwrite it as well", trace({ overwrite: { person_id: null } })],
    [
      "rows of letter may be somebody's: look for traces where person_id is null",
      trace({ table: "letter", named: [{ column: "kind", by: "EXTERNAL_ID" }] }),
    ],
    [
      "rows of person are people: traces there can be overwritten, and not deleted",
      trace({ table: "person", named: [{ column: "email", by: "EMAIL" }] }),
    ],
    [
      "rows of person are people: say which of them are nobody's any more (where)",
      trace({ table: "person", named: [{ column: "email", by: "EMAIL" }], overwrite: reduced.overwrite }),
    ],
    [
      "person.family stays: overwrite it as well",
      trace({
        table: "person",
        where: { given: "deleted" },
        named: [{ column: "email", by: "EMAIL" }],
        overwrite: { ...reduced.overwrite, given: "", restricted: true, changed: { yearOf: "moment" } },
      }),
    ],
    [
      "envelope names whose a trace is: say in along how it hangs on it",
      trace({ named: [{ column: "label", by: "EMAIL", of: "envelope" }] }),
    ],
    [
      "there is no column tag.text",
      trace({
        along: [{ table: "tag", key: "id", parent: "person_id" }],
        named: [{ column: "text", by: "EMAIL", of: "tag" }],
      }),
    ],
    [
      "there is no column tag.text",
      {
        ...erasures,
        collections: { ...collections, tags: { identifiers: [{ kind: "EMAIL", column: "text" }] } },
      },
    ],
    ["there is no column trace.kind", trace({ where: { kind: null } })],
    ["there is no column trace.uuid", trace({ key: "uuid" })],
    ["table traces is not there, or may not be read", trace({ table: "traces" })],
  ];

  it.each(refusals)("stops the start: %s", async (message, said) => {
    const mapping = erasingMapping(erasing.system.readerUrl, () => said);
    await expect(createSqlSource("test", processor, mapping)).rejects.toMatchObject({
      name: "MappingError",
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    ["say how tags is erased", { letters: {} }],
    ["postcards is no collection of the record", { ...collections, postcards: {} }],
  ])("stops the start: %s", async (message, said) => {
    const mapping: SqlMapping<string, Record<string, string>> = erasingMapping(erasing.system.readerUrl);
    const changed = { ...mapping, erasures: { ...erasures, collections: said } };
    await expect(createSqlSource("test", processor, changed)).rejects.toThrow(message);
  });
});
