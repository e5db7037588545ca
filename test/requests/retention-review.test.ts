import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { retentionByHand } from "../../bench/hand-written/retention.ts";
import { canary } from "../../src/demo/systems/canary.ts";
import { stale } from "./stale.ts";
import {
  approveReview,
  carriedOut,
  counts,
  endOf,
  type Item,
  nameOf,
  opened,
  openReview,
  readReview,
  type Review,
} from "./reviews.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const sql = ["crm", "learning", "events", "website"] as const;

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world[Symbol.asyncDispose]());

async function byHand(asOf: string): Promise<Readonly<Record<string, number>>> {
  const statements = retentionByHand(asOf, canary.value);
  const all: Record<string, number> = {};
  for (const system of sql)
    for (const [recordType, statement] of Object.entries(statements[system]))
      all[`${system} ${recordType}`] = (await world.own<{ n: number }>(system, statement))[0]?.n ?? -1;
  return all;
}

const going = ({ items }: Pick<Review, "items">) =>
  items.filter(({ action }) => action === "ERASE" || action === "ANONYMISE");
const over = (review: Pick<Review, "items">) =>
  Object.fromEntries(going(review).map((item) => [nameOf(item), item.count]));

const setAside = ({ items }: Review) => items.reduce((sum, item) => sum + item.setAside, 0);
const itemOf = ({ items }: Review, source: string, recordType: string): Item =>
  items.find((item) => item.source === source && item.recordType === recordType) ??
  expect.fail(`${source} ${recordType} is not there`);

describe("the report", () => {
  it("says rule by rule what the tables say by hand, on any day, and changes nothing", async () => {
    await world.own("crm", stale);
    // Whose processing is restricted only here is in the statements by hand: the demo has nobody like that.
    const before = await byHand("2026-11-26");
    for (const asOf of [undefined, "2026-07-01", "2026-06-30", "2025-12-31", "2026-01-01", "2024-02-29"]) {
      const review = await opened(world, asOf === undefined ? {} : { asOf });
      expect(review.status).toBe("AWAITING_DECISION");
      if (asOf !== undefined) expect(review.asOf).toBe(asOf);
      const aside = Object.fromEntries(going(review).map((i) => [nameOf(i), i.setAside]));
      for (const [name, count] of Object.entries(await byHand(review.asOf))) {
        // Persons with a restriction or a request of the gateway's own are set aside, and not in the count.
        expect(over(review)[name], `${name} as of ${review.asOf}`).toBeLessThanOrEqual(count);
        expect((over(review)[name] ?? 0) + (aside[name] ?? 0), name).toBeGreaterThanOrEqual(count);
      }
    }
    expect(await byHand("2026-11-26")).toEqual(before);
  });

  it("is exact where nobody has restricted anything or asked for anything", async () => {
    await world.gateway.rows("update restriction set until = now() where until is null");
    const review = await opened(world);
    expect(over(review)).toEqual(await byHand(review.asOf));
    const some = Object.values(over(review)).filter((n) => n > 0);
    expect(some.length).toBeGreaterThan(7);
    expect(counts(review)).toMatchObject({ "crm record ERASE": 1 });
  });

  it("names what is kept beyond its period, what has no age, and the system that cannot do it", async () => {
    const review = await opened(world);
    expect(counts(review)["crm orders RETAIN_RESTRICTED"]).toBeGreaterThan(0);
    expect(itemOf(review, "learning", "courses")).toMatchObject({ rule: "P5Y after completedAt" });
    const [{ n } = { n: -1 }] = await world.own<{ n: number }>(
      "learning",
      `select count(*)::int as n from mdl_course_completions c join mdl_user u on u.id = c.userid
       where timecompleted is null and userid <> 1 and lower(u.email) <> '${canary.value}'`,
    );
    expect(n).toBeGreaterThan(0);
    expect(itemOf(review, "learning", "courses").undated).toBe(n);
    const mailing = review.items.filter(({ source }) => source === "mailing");
    expect(mailing.map(({ recordType }) => recordType).toSorted()).toEqual([
      "bounces",
      "deliveries",
      "record",
      "subscriptions",
    ]);
    for (const item of mailing)
      expect(item).toMatchObject({ action: "UNAVAILABLE", count: 0, reason: "CANNOT_ERASE" });
    expect(itemOf(review, "crm", "orders").setAside).toBeGreaterThan(0);
    // Special categories have a shorter rule than what they are part of.
    const needs = review.items.find(({ fields }) => fields !== null);
    expect(needs).toMatchObject({
      source: "events",
      recordType: "registrations",
      fields: ["dietaryNeeds", "accessNeeds"],
      rule: "P30D after startsAt",
      action: "ANONYMISE",
    });
    expect(needs?.count).toBeGreaterThan(0);
  });

  it("names a system that cannot be asked, and tells of the others", async () => {
    await world.gateway.open("learning", false);
    try {
      const review = await opened(world);
      const learning = review.items.filter(({ source }) => source === "learning");
      expect(learning).toHaveLength(4);
      for (const item of learning) {
        expect(item).toMatchObject({ action: "UNAVAILABLE", count: 0, state: "SKIPPED" });
        expect(["UNREACHABLE", "FAILED"]).toContain(item.reason);
      }
      expect(itemOf(review, "crm", "orders")).toMatchObject({ action: "ERASE" });
    } finally {
      await world.gateway.open("learning", true);
    }
  });
});

describe("who may, and when", () => {
  it("is for the DPO; the auditor reads it", async () => {
    const review = await opened(world);
    for (const as of [
      "auditor@intech.example",
      "support@intech.example",
      "accounting@intech.example",
      kari,
    ]) {
      expect((await openReview(world, {}, { as })).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
      expect((await approveReview(world, review.id, { as })).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    }
    expect((await openReview(world, {}, { as: null })).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    const read = (as: string) => readReview(world, review.id, { as });
    expect((await read("auditor@intech.example")).data?.retentionReview?.id).toBe(review.id);
    expect((await read(kari)).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    expect((await read("support@intech.example")).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    expect((await readReview(world, review.id)).data?.retentionReview?.status).toBe("AWAITING_DECISION");
  });

  it("is approved after a strong sign-in alone", async () => {
    const { id } = await opened(world);
    const weak = await approveReview(world, id, { as: dpo });
    expect(weak.data?.approveRetentionReview).toMatchObject({
      code: "STEP_UP_REQUIRED",
      rule: "STEP_UP_TO_APPROVE",
    });
    expect((await readReview(world, id)).data?.retentionReview?.status).toBe("AWAITING_DECISION");
  });

  it("is replaced by the next, for as long as nobody has approved it", async () => {
    const [first, second] = [await opened(world), await opened(world, { asOf: "2025-12-31" })];
    const read = (await readReview(world, first.id)).data?.retentionReview;
    expect(read).toMatchObject({ status: "CANCELLED", approvedAt: null });
    expect(read?.items).toEqual(first.items);
    const late = await approveReview(world, first.id);
    expect(late.data?.approveRetentionReview).toMatchObject({ rule: "REVIEW_NOT_AWAITING_DECISION" });
    expect((await readReview(world, second.id)).data?.retentionReview?.status).toBe("AWAITING_DECISION");
    const entries = await world.gateway.rows<{ detail: string }>(
      "select detail from audit_entry where event = 'RETENTION_REVIEW_CANCELLED' and detail like $1 || ' %'",
      [first.id],
    );
    expect(entries).toHaveLength(1);
  });

  it("refuses a day to come, and what is no day", async () => {
    const last = await opened(world);
    const future = await openReview(world, { asOf: "2126-01-01" });
    expect(future.data?.openRetentionReview).toMatchObject({
      code: "INVALID_VALUE",
      rule: "REVIEW_IN_FUTURE",
      field: "asOf",
    });
    for (const asOf of ["2026-02-30", "yesterday", 7])
      expect((await openReview(world, { asOf })).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect((await readReview(world, last.id)).data?.retentionReview?.status).toBe("AWAITING_DECISION");
    // The first of days is a day: nothing was over by then.
    const first = await opened(world, { asOf: "0001-01-01" });
    expect(Object.values(over(first)).every((count) => count === 0)).toBe(true);
  });

  it("knows no other id", async () => {
    for (const id of ["00000000-0000-4000-8000-000000000000", "no id", ""]) {
      expect((await approveReview(world, id)).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
      expect((await readReview(world, id)).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    }
  });

  it("has one open however many ask at once", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => openReview(world)));
    const made = answers.filter(({ data }) => data?.openRetentionReview.id !== undefined);
    expect(made.length).toBeGreaterThan(0);
    for (const { data } of answers)
      if (data?.openRetentionReview.id === undefined)
        expect(data?.openRetentionReview).toMatchObject({ code: "ALREADY_OPEN", rule: "REVIEW_OPEN" });
    const open = () => world.gateway.rows("select 1 from retention_review where ended_at is null");
    expect(await open()).toHaveLength(1);
  });
});

describe("what is approved", () => {
  let review: Review;
  let before: Readonly<Record<string, number>>;
  let logged: readonly string[];
  const auditLog = async () =>
    (await world.own<{ Id: string }>("events", 'select "Id" from "AuditLog" order by 1')).map(({ Id }) => Id);
  const old = async () => (await world.own("crm", "select 1 from samtale where samtale_id >= 910000")).length;
  const people = async () =>
    (
      await world.own<{ kontakt_id: number }>(
        "crm",
        "select kontakt_id from kontakt where kontakt_id >= 900000 order by 1",
      )
    ).map(({ kontakt_id }) => kontakt_id);

  beforeAll(async () => {
    // One of those to go is restricted here and not in the CRM, one asks for something.
    await world.own(
      "crm",
      `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret) values
        (900004, 'K-900004', 'Rørt Siden', 'rort.siden@example.org', '2010-01-01', '2015-01-01', '2015-01-01')`,
    );
    for (const [email, right] of [
      [kari, 'restrictProcessing(input: { reason: "Feil" })'],
      ["ingrid.aas@example.com", 'objectToProcessing(input: { purpose: STATISTICS, reason: "Nei" })'],
    ])
      await world.gateway.query(`mutation { ${right} { __typename } }`, {}, { as: email! });
    for (const email of [kari, "ingrid.aas@example.com"])
      await world.own(
        "crm",
        `insert into samtale (samtale_id, kontakt_id, tidspunkt, kanal) select 910000 + kontakt_id, kontakt_id, '2012-01-01', 'EPOST' from kontakt where lower(epost) = $1`,
        [email],
      );
    expect(await old()).toBe(2);
    logged = await auditLog();
    review = await opened(world);
    before = over(review);
    // It is in use again after the report.
    await world.own("crm", "update kontakt set sist_aktiv = now() where kontakt_id = 900004");
    review = await carriedOut(world, review.id);
  });

  it("goes, until the statements by hand find nothing but what was set aside", async () => {
    for (const item of going(review))
      expect(item).toMatchObject({ state: "DONE", remaining: 0, reason: null });
    expect(Object.values(before).filter((n) => n > 0).length).toBeGreaterThan(7);
    const left = await byHand(review.asOf);
    expect(left).toMatchObject({ "crm record": 0, "crm enrichments": 0, "learning sessions": 0 });
    // Two conversations of persons who are left alone, with whatever else they have that is over.
    expect(await old()).toBe(2);
    expect(Object.values(left).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(setAside(review));
  });

  it("takes a record with all that hangs on it and every trace of it, and leaves the others'", async () => {
    // In use again, under a warranty, restricted in the system itself: they stay.
    expect(await people()).toEqual([900002, 900003, 900004]);
    const rows = async (statement: string) => (await world.own("crm", statement)).length;
    expect(await rows("select 1 from kontakt_historikk where kontakt_id = 900001")).toBe(0);
    expect(await rows("select 1 from ordre_levering where ordre_id = 900001")).toBe(0);
    expect(await rows("select 1 from ordrelinje where ordre_id = 900001")).toBe(0);
    expect(await rows("select 1 from ordre where ordre_id in (900002, 900003)")).toBe(2);
    expect(
      (
        await world.own<{ logg_id: number }>("crm", "select logg_id from epost_logg where logg_id >= 900000")
      ).map((r) => r.logg_id),
    ).toEqual([900002]);
    expect(await rows(`select 1 from kontakt where lower(epost) = '${canary.value}'`)).toBe(1);
  });

  it("takes along what a system writes down of what goes, and nothing that was there before", async () => {
    const ended = await auditLog();
    // Its rules log every registration that is deleted or emptied, with what the person eats.
    expect(ended.filter((id) => !logged.includes(id))).toEqual([]);
    expect(logged.length).toBeGreaterThan(0);
    const needs = review.items.find(({ fields }) => fields !== null);
    expect(needs).toMatchObject({ state: "DONE", remaining: 0 });
  });

  it("is not called complete while a system could not be made to do it", async () => {
    expect(review.status).toBe("NEEDS_ATTENTION");
    expect(
      review.items.filter(({ state }) => state === "SKIPPED").every(({ source }) => source === "mailing"),
    ).toBe(true);
  });

  it("cannot be approved again, and the next finds nothing more", async () => {
    const again = await approveReview(world, review.id);
    expect(again.data?.approveRetentionReview).toMatchObject({
      code: "WRONG_STATE",
      rule: "REVIEW_NOT_AWAITING_DECISION",
    });
    const next = await opened(world);
    expect(Object.values(over(next)).every((n) => n === 0)).toBe(true);
  });

  it("is in the trail, without a name", async () => {
    const entries = await world.gateway.rows<{
      event: string;
      detail: string;
      subject_ref: string | null;
      request_id: string;
    }>(
      "select event, detail, subject_ref, request_id from audit_entry where request_id = $1 or detail like $1 || ' %' order by 1",
      [review.id],
    );
    const events = new Set(entries.map(({ event }) => event));
    expect(events).toEqual(
      new Set([
        "RETENTION_REVIEW_OPENED",
        "RETENTION_REVIEW_APPROVED",
        "STEP_ENDED",
        "RETENTION_REVIEW_ENDED",
      ]),
    );
    expect(entries.every(({ subject_ref }) => subject_ref === null)).toBe(true);
    expect(entries.map(({ detail }) => detail)).toContain("ERASE record DONE 1");
  });

  it("keeps no record's name once it has gone", async () => {
    expect(
      await world.gateway.rows("select 1 from retention_review_item where sealed_batch is not null"),
    ).toHaveLength(0);
  });
});

it("is approved, or another is opened in its place, and never both", async () => {
  for (let round = 0; round < 4; round++) {
    const { id } = await opened(world);
    const [approved, replaced] = await Promise.all([approveReview(world, id), openReview(world)]);
    const outcomes = [approved.data?.approveRetentionReview, replaced.data?.openRetentionReview];
    expect(outcomes.filter((each) => each?.id !== undefined)).toHaveLength(1);
    if (outcomes[0]?.id === undefined) expect(outcomes[0]).toMatchObject({ code: "WRONG_STATE" });
    else expect(outcomes[1]).toMatchObject({ code: "ALREADY_OPEN", rule: "REVIEW_OPEN" });
    await endOf(world, outcomes[0]?.id === undefined ? (await carriedOut(world, outcomes[1]!.id)).id : id);
  }
});

it("counts reviews and rows for the operator", async () => {
  const text = await (await fetch(`${world.gateway.url}/metrics`)).text();
  expect(text).toMatch(/innsyn_retention_reviews_total\{outcome="needs_attention"\} [1-9]/);
  expect(text).toMatch(/innsyn_retention_review_rows_total\{source="crm",outcome="gone"\} [1-9]/);
});
