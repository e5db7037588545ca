import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expiryOf, firstKeptDay } from "../../src/access/expiry.ts";
import { keepingOf, lastDay } from "../../src/access/holds.ts";
import type { RetentionRule } from "../../src/access/retention.ts";
import { labels } from "../../src/sources/crm/records.ts";

const { order, conversation, customer } = labels;

describe("what a day makes of a row", () => {
  it.each([
    // Kept to 2025-12-31: bokføringsloven § 13.
    ["the first day after its period", order, { orderedAt: "2020-06-01T10:00:00Z" }, "2026-01-01", "OVER"],
    ["the last day of its period", order, { orderedAt: "2020-06-01T10:00:00Z" }, "2025-12-31", "WITHIN"],
    // Already 2021 in Norway.
    ["a sale at midnight", order, { orderedAt: "2020-12-31T23:30:00Z" }, "2026-01-01", "WITHIN"],
    [
      "under a warranty that outlasts it",
      order,
      { orderedAt: "2015-06-01T10:00:00Z", warrantyUntil: "2026-01-01" },
      "2026-01-01",
      "HELD",
    ],
    [
      "the day after the warranty",
      order,
      { orderedAt: "2015-06-01T10:00:00Z", warrantyUntil: "2025-12-31" },
      "2026-01-01",
      "OVER",
    ],
    [
      "a warranty that cannot be read",
      order,
      { orderedAt: "2015-06-01T10:00:00Z", warrantyUntil: "infinity" },
      "2026-01-01",
      "HELD",
    ],
    [
      "marked by the system until later",
      conversation,
      { at: "2015-06-01T10:00:00Z", order: null, retainedUntil: "2030-01-01" },
      "2026-01-01",
      "HELD",
    ],
    // The end of the accounting year and half a year more: the 30th of June, not the 31st.
    ["after three and a half years", conversation, { at: "2022-03-01T10:00:00Z" }, "2026-07-01", "OVER"],
    ["on their last day", conversation, { at: "2022-03-01T10:00:00Z" }, "2026-06-30", "WITHIN"],
    // 2024-02-29 and two years more is 2026-02-28.
    ["a leap day", customer, { lastActivityAt: "2024-02-29T10:00:00Z" }, "2026-03-01", "OVER"],
    ["a leap day's last", customer, { lastActivityAt: "2024-02-29T10:00:00Z" }, "2026-02-28", "WITHIN"],
    ["that says nothing of its age", order, { orderedAt: null }, "2026-01-01", "UNDATED"],
    ["that says never", order, { orderedAt: "-infinity" }, "2026-01-01", "UNDATED"],
    ["of a system's first day", order, { orderedAt: "0001-01-01T00:00:00Z" }, "2026-01-01", "UNDATED"],
  ])("%s", (_, label, row, asOf, expiry) => {
    expect(expiryOf(row, label, asOf)).toBe(expiry);
  });
});

const day = fc
  .date({ min: new Date("1990-01-01"), max: new Date("2060-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const period = fc.constantFrom("P30D", "P90D", "P1M", "P6M", "P1Y", "P2Y", "P3Y6M", "P5Y", "P10Y", "P1Y1D");
const rule: fc.Arbitrary<RetentionRule> = fc.record(
  { period, after: fc.constant("at"), fromEndOfAccountingYear: fc.constant(true as const) },
  { requiredKeys: ["period", "after"] },
);

it("finds the one day from which on everything is kept", () => {
  fc.assert(
    fc.property(rule, day, (rule, asOf) => {
      const first = firstKeptDay(rule, asOf);
      const before = new Date(Date.parse(first) - 86_400_000).toISOString().slice(0, 10);
      expect(lastDay(first, rule) >= asOf).toBe(true);
      expect(lastDay(before, rule) < asOf).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it("never ends what a law keeps", () => {
  fc.assert(
    fc.property(fc.option(day), fc.option(day), fc.option(day), day, (at, until, marked, asOf) => {
      const row = { orderedAt: at, warrantyUntil: until, retainedUntil: marked };
      if (expiryOf(row, order, asOf) === "OVER") expect(keepingOf(row, order, asOf)).toBeNull();
    }),
    { numRuns: 2_000 },
  );
});
