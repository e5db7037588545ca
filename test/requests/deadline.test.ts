import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { dueAt, extendedDueAt } from "../../src/requests/deadline.ts";

const zone = "Europe/Oslo";
const oslo = (text: string) => DateTime.fromISO(text, { zone }).toJSDate();
const shown = (moment: Date) => DateTime.fromJSDate(moment, { zone }).toISO({ suppressMilliseconds: true });

describe("a deadline", () => {
  it.each([
    // 30 days are less than a month, or as much.
    ["2026-01-10T12:00", "2026-02-09T23:59:59.999+01:00", "2026-04-10T23:59:59.999+02:00"],
    ["2026-04-10T12:00", "2026-05-10T23:59:59.999+02:00", "2026-07-10T23:59:59.999+02:00"],
    // No such day in February, in a leap year and in another.
    ["2026-01-31T12:00", "2026-02-28T23:59:59.999+01:00", "2026-04-30T23:59:59.999+02:00"],
    ["2028-01-30T12:00", "2028-02-29T23:59:59.999+01:00", "2028-04-30T23:59:59.999+02:00"],
    ["2027-11-30T12:00", "2027-12-30T23:59:59.999+01:00", "2028-02-29T23:59:59.999+01:00"],
    ["2026-02-28T12:00", "2026-03-28T23:59:59.999+01:00", "2026-05-28T23:59:59.999+02:00"],
    // Summer time begins on 29 March 2026, and ends on 25 October.
    ["2026-02-27T12:00", "2026-03-27T23:59:59.999+01:00", "2026-05-27T23:59:59.999+02:00"],
    ["2026-03-01T12:00", "2026-03-31T23:59:59.999+02:00", "2026-06-01T23:59:59.999+02:00"],
    ["2026-09-25T12:00", "2026-10-25T23:59:59.999+01:00", "2026-12-25T23:59:59.999+01:00"],
    // The same night, and not the same day.
    ["2026-06-30T23:59:59.999", "2026-07-30T23:59:59.999+02:00", "2026-09-30T23:59:59.999+02:00"],
    ["2026-07-01T00:00", "2026-07-31T23:59:59.999+02:00", "2026-10-01T23:59:59.999+02:00"],
  ])("of what came at %s is %s, extended %s", (received, first, extended) => {
    expect(shown(dueAt(oslo(received)))).toBe(first);
    expect(shown(extendedDueAt(oslo(received)))).toBe(extended);
  });

  const moments = fc.date({
    min: new Date("2018-05-25T00:00:00Z"),
    max: new Date("2100-01-01T00:00:00Z"),
    noInvalidDate: true,
  });
  const day = (moment: Date) => DateTime.fromJSDate(moment, { zone });

  it("is the end of a day of Norway, 28 to 30 days after that of receipt, and one and the same all that day", () => {
    fc.assert(
      fc.property(moments, (received) => {
        const due = day(dueAt(received));
        expect(due.plus({ milliseconds: 1 }).toMillis()).toBe(
          due.plus({ days: 1 }).startOf("day").toMillis(),
        );
        const days = Math.round(due.startOf("day").diff(day(received).startOf("day"), "days").days);
        expect(days).toBeGreaterThanOrEqual(28);
        expect(days).toBeLessThanOrEqual(30);
        expect(dueAt(day(received).startOf("day").toJSDate())).toEqual(due.toJSDate());
        expect(dueAt(day(received).endOf("day").toJSDate())).toEqual(due.toJSDate());
        const nextDay = day(received).endOf("day").plus({ milliseconds: 1 }).toJSDate();
        expect(dueAt(nextDay).getTime()).toBeGreaterThanOrEqual(due.toMillis());
      }),
    );
  });

  it("is extended to the day of the same number three months on, or the month's last", () => {
    fc.assert(
      fc.property(moments, (received) => {
        const from = day(received);
        const extended = day(extendedDueAt(received));
        const months = (extended.year - from.year) * 12 + extended.month - from.month;
        expect(months).toBe(3);
        expect(extended.day).toBe(Math.min(from.day, extended.daysInMonth ?? 0));
        const more = extended.diff(day(dueAt(received)), "days").days;
        expect(more).toBeGreaterThan(58);
        expect(more).toBeLessThan(64);
      }),
    );
  });
});
