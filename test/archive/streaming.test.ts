import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { measureArchive, mostMemory } from "../../bench/archive-process.ts";
import { writeArchive } from "../../src/archive/archive.ts";
import type { ArchiveRow } from "../../src/archive/contents.ts";
import { contentsOf, order, orders } from "./contents.ts";
import { bytesOf, unzip } from "./unzip.ts";

/** Text that does not compress, so that bytes come out about as fast as rows go in. */
const noise = (n: number) =>
  Array.from({ length: 1000 }, (_, i) =>
    String.fromCodePoint(0x4e00 + ((n * 7919 + i * i * 104729) % 20000)),
  ).join("");

/** Pages of ten rows, as many as asked for; tells how many were taken and how many readings are open. */
function watched(pages: number, failAt = Infinity) {
  const seen = { taken: 0, open: 0 };
  const contents = contentsOf(
    {},
    {
      recordTypes: [orders],
      async *rows() {
        seen.open += 1;
        try {
          for (let page = 0; page < pages; page += 1) {
            if (page === failAt) throw new Error("the source went away");
            seen.taken += 1;
            yield Array.from({ length: 10 }, (_, i): ArchiveRow => order({ note: noise(page * 10 + i) }));
          }
        } finally {
          seen.open -= 1;
        }
      },
    },
  );
  return { seen, contents };
}

/** Lets everything that can go on by itself do so. */
async function settled(progress: () => number) {
  for (let before = -1, idle = 0; idle < 20; idle += 1) {
    if (progress() !== before) idle = 0;
    before = progress();
    await turn();
  }
}

test("makes nothing before it is asked for, nor much more than is taken", async () => {
  const { seen, contents } = watched(10_000);
  const reading = writeArchive(contents);
  await settled(() => seen.taken);
  expect(seen.taken).toBe(0);

  let bytes = 0;
  while (bytes < 500_000) bytes += (await reading.next()).value.length;
  await settled(() => seen.taken);
  const taken = seen.taken;
  expect(taken).toBeLessThan(60);
  await reading.return(undefined);
  await settled(() => seen.taken);
  expect(seen).toEqual({ taken, open: 0 });
});

test("ends with the error of the rows, and what was read until then is no ZIP", async () => {
  const { seen, contents } = watched(100, 40);
  const chunks: Buffer[] = [];
  const reading = async () => {
    for await (const chunk of writeArchive(contents)) chunks.push(chunk);
  };
  await expect(reading()).rejects.toThrow("the source went away");
  expect(seen.open).toBe(0);
  expect(Buffer.concat(chunks).length).toBeGreaterThan(100_000);
  await expect(unzip(Buffer.concat(chunks))).rejects.toThrow("End of central directory");
});

test("ends every reading of rows, also those that the page breaks off", async () => {
  const { seen, contents } = watched(101);
  const files = await unzip(await bytesOf(writeArchive(contents)));
  expect(JSON.parse(files.file("data/crm/orders.json"))).toHaveLength(1010);
  expect(seen).toEqual({ taken: 101 + 3 * 101 + 100, open: 0 });
});

test("is the same bytes for the same contents, in any time zone and however the rows are paged", async () => {
  const rows = Array.from({ length: 500 }, (_, i) => order({ number: `${i}`, note: noise(i), lines: [] }));
  const inZone = async (zone: string, pageSize: number) => {
    process.env["TZ"] = zone;
    const bytes = await bytesOf(writeArchive(contentsOf({ "crm.orders": rows }, {}, pageSize)));
    return { bytes, hour: new Date(0).getHours() };
  };
  const zone = process.env["TZ"];
  try {
    const oslo = await inZone("Europe/Oslo", 500);
    const auckland = await inZone("Pacific/Auckland", 7);
    expect(oslo.hour).not.toBe(auckland.hour);
    expect(oslo.bytes.equals(auckland.bytes)).toBe(true);
    const { entries } = await unzip(oslo.bytes);
    const times = entries.flatMap((e) => [
      e.getLastModDate(),
      e.getLastModDate({ timezone: "UTC", forceDosFormat: true }),
    ]);
    expect(new Set(times.map((at) => at.toISOString()))).toEqual(
      new Set(["2026-11-29T23:30:15.000Z", "2026-11-29T23:30:14.000Z"]),
    );
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});

test("takes no more memory for 75 MB of rows than for few", async () => {
  const { baseline, peak } = await measureArchive(50_000, 1500);
  expect(peak - baseline).toBeLessThan(mostMemory);
});

test.each([
  [{ ...orders, source: ".." }, "cannot name a file"],
  [{ ...orders, name: "a/b" }, "cannot name a file"],
  [{ ...orders, name: "Orders" }, "is in the archive twice"],
])("refuses names that would not be files of their own: %#", async (type, message) => {
  const contents = contentsOf({}, { recordTypes: [orders, type] });
  await expect(bytesOf(writeArchive(contents))).rejects.toThrow(message);
});

test.each([
  [order({ shoeSize: 43 }), "crm.orders has no field shoeSize"],
  [order({ lines: [{ product: "x", parts: [], colour: "red" }] }), "crm.orders.lines has no field colour"],
  [order({ lines: "none" }), "crm.orders.lines is a list"],
  [order({ note: [] }), "crm.orders.note is one value"],
])("refuses a row that its record type does not describe: %#", async (row, message) => {
  await expect(bytesOf(writeArchive(contentsOf({ "crm.orders": [row] })))).rejects.toThrow(message);
});
