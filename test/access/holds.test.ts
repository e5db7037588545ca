import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayOf, keepingOf, lastDay } from "../../src/access/holds.ts";
import { labels } from "../../src/sources/crm/records.ts";

const { order, conversation, enrichment } = labels;

describe("what keeps a row against an erasure", () => {
  it.each([
    // Five years after the end of the accounting year (bokføringsloven § 13).
    ["an order of this year", { orderedAt: "2026-03-01T10:00:00Z" }, "2031-12-31", "SALES_DOCUMENT"],
    [
      "the last day of the oldest year",
      { orderedAt: "2021-01-01T10:00:00Z" },
      "2026-12-31",
      "SALES_DOCUMENT",
    ],
    // 2020-12-31T23:30Z is the first of January in Norway, winter time.
    [
      "a sale at midnight, by Norwegian time",
      { orderedAt: "2020-12-31T23:30:00Z" },
      "2026-12-31",
      "SALES_DOCUMENT",
    ],
    [
      "an order under a warranty that outlasts the law",
      { orderedAt: "2015-05-05T10:00:00Z", warrantyUntil: "2027-05-05" },
      "2027-05-05",
      "WARRANTY",
    ],
    [
      "an order whose warranty ends before the law lets it go",
      { orderedAt: "2025-05-05T10:00:00Z", warrantyUntil: "2027-05-05" },
      "2030-12-31",
      "SALES_DOCUMENT",
    ],
    ["an order of which nobody knows when", { orderedAt: null }, "2031-12-31", "SALES_DOCUMENT"],
    [
      "an order that the system keeps for longer",
      { orderedAt: "2015-05-05T10:00:00Z", retainedUntil: "2029-01-15" },
      "2029-01-15",
      "MARKED_IN_SYSTEM",
    ],
    [
      "an order of a day that no sale can be of",
      { orderedAt: "0001-01-01T00:00:00Z" },
      "2031-12-31",
      "SALES_DOCUMENT",
    ],
    ["an order of never", { orderedAt: "9999-12-31T23:59:59Z" }, "2031-12-31", "SALES_DOCUMENT"],
    [
      "an order under a warranty without an end",
      { orderedAt: "2015-05-05T10:00:00Z", warrantyUntil: "infinity" },
      "9999-12-31",
      "WARRANTY",
    ],
    [
      "an order under a warranty to the end of time",
      { orderedAt: "2015-05-05T10:00:00Z", warrantyUntil: "+012026-01-01" },
      "9999-12-31",
      "WARRANTY",
    ],
    [
      "an order that the system keeps for ever",
      { orderedAt: "2015-05-05T10:00:00Z", retainedUntil: "infinity" },
      "9999-12-31",
      "MARKED_IN_SYSTEM",
    ],
  ])("%s", (_, row, until, ground) => {
    expect(keepingOf(row, order, "2026-11-26")).toEqual({ until, ground });
  });

  it.each([
    ["an order outside the period", { orderedAt: "2020-12-31T22:30:00Z" }, order],
    [
      "an order whose warranty has ended as well",
      { orderedAt: "2015-05-05T10:00:00Z", warrantyUntil: "2026-11-25" },
      order,
    ],
    [
      "an order whose warranty is of a day that stands for none",
      { orderedAt: "2015-05-05T10:00:00Z", warrantyUntil: "0001-01-01" },
      order,
    ],
    ["a conversation about no order", { at: "2026-05-05T10:00:00Z", order: null }, conversation],
    ["a conversation about an order, too old", { at: "2022-12-31T10:00:00Z", order: "A-1" }, conversation],
    [
      "what no law keeps, though it is marked",
      { obtainedAt: "2026-01-01", retainedUntil: "2029-01-01" },
      enrichment,
    ],
  ])("nothing keeps %s", (_, row, label) => {
    expect(keepingOf(row, label, "2026-11-26")).toBeNull();
  });

  it("keeps what was marked under a law by that law, though the order that it was about has gone", () => {
    const row = { at: "2023-02-01T10:00:00Z", order: null, retainedUntil: "2027-06-30" };
    expect(keepingOf(row, conversation, "2026-11-26")).toEqual({
      until: "2027-06-30",
      ground: "SECONDARY_DOCUMENTATION",
    });
  });

  it.each([null, "0001-01-01T00:00:00Z"])(
    "lets an order of %s go when the day of its mark has passed",
    (orderedAt) => {
      const row = { orderedAt, retainedUntil: "2031-12-31" };
      expect(keepingOf(row, order, "2031-12-31")).toEqual({ until: "2031-12-31", ground: "SALES_DOCUMENT" });
      expect(keepingOf(row, order, "2032-01-01")).toBeNull();
    },
  );

  it("keeps a conversation about an order for three years and six months after the accounting year", () => {
    const row = { at: "2023-02-01T10:00:00Z", order: "A-1" };
    expect(keepingOf(row, conversation, "2027-06-30")).toEqual({
      until: "2027-06-30",
      ground: "SECONDARY_DOCUMENTATION",
    });
    expect(keepingOf(row, conversation, "2027-07-01")).toBeNull();
  });

  it("ends every bookkeeping period at the end of a year or of June, and never early", () => {
    const day = fc.date({ min: new Date("2000-01-01"), max: new Date("2060-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(day, (moment) => {
        const on = dayOf(moment);
        const year = Number(on.slice(0, 4));
        expect(lastDay(on, order.retention)).toBe(`${year + 5}-12-31`);
        expect(lastDay(on, conversation.retention)).toBe(`${year + 4}-06-30`);
      }),
    );
  });
});
