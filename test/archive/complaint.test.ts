import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { ComplaintBundle } from "../../src/archive/complaint-bundle.ts";
import { writeComplaint } from "../../src/archive/complaint.ts";
import { tagsOf, textOf } from "./html.ts";
import { bytesOf, unzip } from "./unzip.ts";

const moment = new Date("2026-10-01T08:00:00.000Z");

/** A case in which everything that somebody can write is the text. */
const bundle = (text: string, more: Partial<ComplaintBundle> = {}): ComplaintBundle => ({
  madeAt: new Date("2026-11-29T23:30:15.500Z"),
  controller: { name: text, organisationNumber: text, postalAddress: text, email: text, phone: text },
  authority: { name: "Datatilsynet", url: "https://www.datatilsynet.no" },
  request: {
    id: "0195f3a0-0000-7000-8000-000000000001",
    kind: "ERASURE",
    status: "REFUSED",
    channel: "EMAIL",
    receivedAt: moment,
    dueAt: new Date("2026-10-31T08:00:00.000Z"),
    extendedBecause: text,
    completedAt: null,
    reason: text,
    refusal: { code: "RETAINED_BY_LAW", message: text, legalGround: "bokføringsloven § 13" },
  },
  timeline: [{ at: moment, by: null, event: "RECEIVED", detail: text, note: text }],
  steps: [
    {
      source: "crm",
      action: "ERASE",
      recordType: "orders",
      state: "RETAINED",
      outcome: "RETAINED",
      legalGround: "bokføringsloven § 13",
      retainedUntil: "2031-12-31",
      finishedAt: moment,
    },
  ],
  correspondence: [
    { at: moment, direction: "FROM_PERSON", channel: "EMAIL", subject: text, text },
    { at: moment, direction: "TO_PERSON", channel: "EMAIL", subject: null, text },
  ],
  decisions: [
    { at: moment, by: "DPO", approved: false, legalGround: "GDPR Art. 17(3)(b)", explanation: text },
  ],
  receipts: [{ name: "erasure-1", jws: "e30.e30.c2ln" }],
  ...more,
});

const archiveOf = async (of: ComplaintBundle) => unzip(await bytesOf(writeComplaint(of)));

test("holds the case to read and for programs, and the receipts as they were signed", async () => {
  const { receipts: _, ...said } = bundle("Vi beholder fakturaene.");
  const files = await archiveOf(bundle("Vi beholder fakturaene."));
  expect(files.entries.map(({ fileName }) => fileName)).toEqual([
    "sak.html",
    "case.json",
    "receipts/erasure-1.jws",
  ]);
  expect(files.file("receipts/erasure-1.jws")).toBe("e30.e30.c2ln");
  expect(JSON.parse(files.file("case.json"))).toEqual({
    ...JSON.parse(JSON.stringify(said)),
    receipts: ["receipts/erasure-1.jws"],
  });
  const page = textOf(files.file("sak.html"));
  for (const line of [
    "Sak til tilsynsmyndigheten Case for the supervisory authority",
    "Datatilsynet, https://www.datatilsynet.no",
    "RETAINED_BY_LAW: Vi beholder fakturaene.",
    "Hjemmel Legal groundOppbevares til Kept untilFerdig Finished",
    "2026-10-01T08:00:00.000Zsystemet the systemRECEIVED",
    "2031-12-31",
    "Fra den registrerte From the data subject, 2026-10-01T08:00:00.000Z, EMAIL",
    "DPOnei noGDPR Art. 17(3)(b)Vi beholder fakturaene.",
    "receipts/erasure-1.jws",
  ]) {
    expect(page.replace(/\n/g, "")).toContain(line);
  }
});

test("shows what was written as text, whatever it is", async () => {
  const hostile = `</script><img src=x onerror="alert('1')">`;
  const [harmless, page] = await Promise.all(
    ["x", hostile].map(async (text) => (await archiveOf(bundle(text))).file("sak.html")),
  );
  expect(tagsOf(page!)).toEqual(tagsOf(harmless!));
  expect(textOf(page!).split(hostile)).toHaveLength(14 + 1);
});

test("is the same bytes for the same case, and says so where nothing was done", async () => {
  const empty = bundle("x", { timeline: [], steps: [], correspondence: [], decisions: [], receipts: [] });
  const hashOf = async () =>
    createHash("sha256")
      .update(await bytesOf(writeComplaint(empty)))
      .digest("hex");
  expect(await hashOf()).toBe(await hashOf());
  expect(textOf((await archiveOf(empty)).file("sak.html")).split("Ingenting. Nothing.")).toHaveLength(5 + 1);
});

test.each([
  [["../x"], "cannot name a receipt's file"],
  [["a", "A"], "Two receipts have one name"],
])("refuses receipts that would not be files of their own: %j", async (names, message) => {
  const receipts = names.map((name) => ({ name, jws: "e30.e30.c2ln" }));
  await expect(bytesOf(writeComplaint(bundle("x", { receipts })))).rejects.toThrow(message);
});
