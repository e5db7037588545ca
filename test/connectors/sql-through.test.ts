import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { ErasableSource, OfRecord } from "../../src/sources/erasures.ts";
import { none } from "./erasing-conformance.ts";
import { email, processor, soon } from "./harness.ts";
import { sqlErasingHarness, type SqlErasingSystem } from "./sql-erasing-harness.ts";
import { canaryAddress } from "./system.ts";
import { deviceTables, type Erasures, type Mapping, throughDevices } from "./through-devices.ts";
import { trying } from "./writing-conformance.ts";

describe.each(["integer", "text"] as const)("rows that hang on what others may use (%s keys)", (keyType) => {
  let erasing: SqlErasingSystem;
  let source: ErasableSource;
  const store = () => erasing.system.store;
  const sql = <R extends object>(text: string, values: unknown[] = []) =>
    store()
      .pool.query<R>(text, values)
      .then(({ rows }) => rows);

  const use = (device: string, ...people: readonly (string | null)[]) =>
    sql("insert into device_use (device, person_id, told) select $1, unnest($2::text[])::" + typed(), [
      device,
      people,
    ]);
  const typed = () => `${keyType === "integer" ? "bigint" : "text"}, now()`;
  const read = (device: string, count: number) =>
    sql<{ id: string }>(
      `insert into reading (device, sent, kind, opened, ip)
       select $1, timestamptz '2024-01-01' + n * interval '1 minute', 1, true, '192.0.2.7' from generate_series(1, $2) n
       returning id::text`,
      [device, count],
    );
  const person = async (address: string): Promise<OfRecord> => {
    await store().person({ email: address });
    const [found] = await source.find([email(address)], soon());
    if (found?.state !== "HELD") throw new Error(found?.state);
    return { recordKey: found.record.key, identifiers: found.record.identifiers };
  };
  const keysOf = async ({ recordKey }: OfRecord, first = 100, after?: string) => {
    const [page] = await source.page("letters", [{ recordKey, first, ...(after && { after }) }], soon());
    return page?.rows.map(({ key }) => key).toSorted();
  };
  const keys = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).toSorted();
  const erase = async (whose: OfRecord) => {
    for (const { recordType } of source.capabilities.erases)
      expect(await source.erase({ whose, recordType, kept: none }, trying()), recordType).toEqual({
        state: "done",
      });
  };

  beforeAll(async () => {
    erasing = await sqlErasingHarness.make(keyType);
    await sql(deviceTables(keyType, erasing.system.role));
    const [canary] = await sql<{ id: string }>("select id::text from person where email = $1", [
      canaryAddress,
    ]);
    await use("canary's", canary?.id ?? "");
    await read("canary's", 1);
    source = await createSqlSource("test", processor, throughDevices(erasing.system.readerUrl));
  });
  afterAll(async () => {
    await source.close();
    await erasing[Symbol.asyncDispose]();
  });

  it("are the person's where nobody else used it, each once, and nobody's otherwise", async () => {
    const [one, two] = [await person("one@example.com"), await person("two@example.com")];
    await use("own", one.recordKey, one.recordKey);
    await use("both", one.recordKey, two.recordKey);
    await use("once another's", one.recordKey, null);
    const own = await read("own", 3);
    for (const device of ["both", "once another's", "nobody's"]) await read(device, 2);
    expect(await keysOf(one)).toEqual(keys(own));
    expect(await keysOf(two)).toEqual([]);
    const request = { first: 100 };
    const pages = await source.page(
      "letters",
      [two, one].map(({ recordKey }) => ({ ...request, recordKey })),
      soon(),
    );
    expect(pages.map(({ rows }) => rows.length)).toEqual([0, 3]);
    const lists = await source.list("letters", [one.recordKey, two.recordKey], soon());
    expect(lists.map((rows) => rows.length)).toEqual([3, 0]);
    await sql("insert into click (letter_id, url) values ($1, 'https://example.com')", [own[0]?.id]);
    // Themselves, the letters, the click on one of them and what they used.
    expect(await source.count([one.recordKey, two.recordKey], soon())).toEqual([1 + 3 + 1 + 4, 1 + 1]);
    expect((await source.tally(one, soon())).get("letters")).toBe(3);
  });

  it("are read page by page", async () => {
    const whose = await person("pages@example.com");
    await use("paged", whose.recordKey);
    const all = keys(await read("paged", 7));
    const found: string[] = [];
    for (let after: string | undefined; ;) {
      const asked = { recordKey: whose.recordKey, first: 3, ...(after && { after }) };
      const [page] = await source.page("letters", [asked], soon());
      found.push(...(page?.rows.map(({ key }) => key) ?? []));
      if (!page?.hasNextPage) break;
      after = page.rows.at(-1)?.cursor;
    }
    expect(found.toSorted()).toEqual(all);
  });

  it("says of each thing whether others use it", async () => {
    const [one, two] = [await person("told@example.com"), await person("other@example.com")];
    await use("hers", one.recordKey);
    await use("theirs", one.recordKey, two.recordKey);
    const [list] = await source.list("tags", [one.recordKey], soon());
    expect(list).toEqual([
      { label: "hers", since: false },
      { label: "theirs", since: true },
    ]);
  });

  it("are never another's because one of those who used it was erased", async () => {
    const manners = source.capabilities.erases.map(({ recordType, manner }) => [recordType, manner]);
    expect(manners).toEqual([
      ["letters", "ERASE"],
      // A row may stay.
      ["tags", "ANONYMISE"],
      ["record", "ERASE"],
    ]);
    const [gone, left] = [await person("gone@example.com"), await person("left@example.com")];
    await use("alone", gone.recordKey, gone.recordKey);
    await use("family", gone.recordKey, left.recordKey);
    await read("alone", 2);
    const family = await read("family", 2);

    await erase(gone);

    expect(await source.remains(gone, none, soon())).toEqual([]);
    expect(await sql("select from reading where device = 'alone'")).toHaveLength(0);
    expect(await sql("select from device_use where device = 'alone'")).toHaveLength(0);
    expect(keys(await sql("select id::text from reading where device = 'family'"))).toEqual(keys(family));
    const uses = await sql<{ id: string; person_id: string | null; told: Date | null }>(
      "select id::text, person_id, told from device_use where device = 'family' order by id::bigint",
    );
    expect(uses).toEqual([
      { id: expect.stringMatching(/^-\d+$/) as string, person_id: null, told: null },
      { id: expect.any(String) as string, person_id: left.recordKey, told: expect.any(Date) as Date },
    ]);
    expect(await keysOf(left)).toEqual([]);

    await erase(left);
    expect(await source.remains(left, none, soon())).toEqual([]);
    expect(await sql("select from device_use where device = 'family' and person_id is not null")).toEqual([]);
    for (const { recordType } of source.capabilities.erases)
      expect(await source.erase({ whose: left, recordType, kept: none }, trying())).toEqual({
        state: "absent",
      });
  });

  it("are theirs again only once it is known who else there was", async () => {
    const whose = await person("late@example.com");
    await use("late", whose.recordKey);
    const mine = await read("late", 1);
    expect(await keysOf(whose)).toEqual(keys(mine));
    await use("late", (await person("later@example.com")).recordKey);
    expect(await keysOf(whose)).toEqual([]);
    expect((await source.tally(whose, soon())).get("letters")).toBe(0);
  });

  describe("a mapping that cannot be followed stops the start:", () => {
    type Change = (mapping: ReturnType<typeof throughDevices>) => Mapping;
    const collections =
      (change: (all: Mapping["collections"]) => Mapping["collections"]): Change =>
      (mapping) => ({ ...mapping, collections: change(mapping.collections) });
    const erasures =
      (change: (all: Erasures["collections"]) => Erasures["collections"]): Change =>
      (mapping) => ({
        ...mapping,
        erasures: { ...mapping.erasures, collections: change(mapping.erasures.collections) },
      });
    const shared =
      (change: object): Change =>
      (mapping) =>
        erasures((all) => ({ ...all, tags: { shared: { ...all.tags.shared!, ...change } } }))(mapping);

    it.each<[string, Change]>([
      [
        "letters goes through letters.clicks, which is no collection by the person's own key",
        collections((all) => ({
          ...all,
          letters: { ...all.letters, through: { collection: "letters.clicks", column: "url" } },
        })),
      ],
      [
        "letters goes through postcards, which is no collection by the person's own key",
        collections((all) => ({
          ...all,
          letters: { ...all.letters, through: { collection: "postcards", column: "device" } },
        })),
      ],
      [
        "letters goes through tags, of which all rows have to count",
        collections((all) => ({ ...all, tags: { ...all.tags, where: { device: "own" } } })),
      ],
      [
        "device_use.machine is mapped, but there is no such column",
        collections((all) => ({
          ...all,
          letters: { ...all.letters, through: { collection: "tags", column: "machine" } },
        })),
      ],
      [
        "list letters before tags, through which it goes",
        erasures(({ letters, tags }) => ({ tags, letters })),
      ],
      ["say what is left of it (shared)", erasures((all) => ({ ...all, tags: {} }))],
      [
        "no collection goes through letters: leave out shared",
        erasures((all) => ({ ...all, letters: { shared: { overwrite: {}, keeps: {} } } })),
      ],
      ["device_use.told stays: overwrite it", shared({ overwrite: {} })],
      [
        "device_use.device says what is shared: keep it",
        shared({ overwrite: { told: null, device: "" }, keeps: {} }),
      ],
      ["device_use.id leads back", shared({ key: undefined })],
    ])("%s", async (message, change) => {
      const mapping = change(throughDevices(erasing.system.readerUrl));
      await expect(createSqlSource("test", processor, mapping)).rejects.toThrow(message);
    });

    it("device_use.person_id is never null: nobody can be left out of it", async () => {
      await sql("delete from device_use where person_id is null");
      await sql("alter table device_use alter column person_id set not null");
      try {
        await expect(
          createSqlSource("test", processor, throughDevices(erasing.system.readerUrl)),
        ).rejects.toThrow("device_use.person_id is never null: nobody can be left out of it");
      } finally {
        await sql("alter table device_use alter column person_id drop not null");
      }
    });
  });
});
