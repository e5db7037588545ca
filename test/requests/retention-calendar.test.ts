import { expect, it } from "vitest";
import { configSchema } from "../../src/config/define.ts";
import { lastDayOf } from "../../src/requests/retention-review-schedule.ts";
import { setClock } from "../setup/clock.ts";
import { openWorld } from "./world.ts";

it.each([
  ["01-15", "2026-01-15", "2026-01-15"],
  ["01-15", "2026-01-14", "2025-01-15"],
  ["12-31", "2026-12-30", "2025-12-31"],
  ["01-01", "2026-12-31", "2026-01-01"],
])("of %s, %s has seen %s last", (yearlyOn, today, day) => {
  expect(lastDayOf(yearlyOn, today)).toBe(day);
});

it.each(["15-01", "02-29", "1-5", "2026-01-15", ""])("%s is no day of the year", (yearlyOn) => {
  expect(configSchema.shape.retention.safeParse({ yearlyOn }).success).toBe(false);
});

it("opens the year's review once, by whichever replica, also where nobody was there on the day", async () => {
  await using world = await openWorld({
    replicas: 3,
    config: (config) => ({ ...config, retention: { yearlyOn: "01-15", lookSeconds: 1 } }),
  });
  const { gateway } = world;
  const reviews = () =>
    gateway.rows<{ as_of: string; status: string }>(
      "select as_of::text, status from retention_review order by opened_at",
    );
  const seen = async () =>
    (await gateway.rows<{ day: string }>("select day::text from retention_review_schedule")).map(
      ({ day }) => day,
    );
  const at = async (moment: string) => {
    const { length } = await reviews();
    await setClock(gateway, new Date(moment));
    return length;
  };
  const year = new Date().getFullYear();
  // A gateway that is new has missed none.
  await expect.poll(seen, { timeout: 20_000 }).toHaveLength(1);
  expect(await reviews()).toEqual([]);
  // The last minute before the day, and the first of it, in Norway.
  await at(`${year + 1}-01-14T22:59:00Z`);
  const looks = () =>
    gateway.rows("select 1 from pgboss.job where name = 'retention-review-calendar' and state = 'completed'");
  const before = (await looks()).length;
  await expect.poll(async () => (await looks()).length, { timeout: 20_000 }).toBeGreaterThan(before + 2);
  expect(await reviews()).toEqual([]);
  await at(`${year + 1}-01-14T23:01:00Z`);
  const first = { as_of: `${year + 1}-01-15`, status: "AWAITING_DECISION" };
  await expect.poll(reviews, { timeout: 20_000 }).toEqual([first]);
  await expect.poll(seen, { timeout: 20_000 }).toEqual([`${year + 1}-01-15`]);
  const after = (await looks()).length;
  await expect.poll(async () => (await looks()).length, { timeout: 20_000 }).toBeGreaterThan(after + 2);
  expect(await reviews()).toHaveLength(1);
  // Half a year too late.
  await at(`${year + 2}-07-01T10:00:00Z`);
  const second = { as_of: `${year + 2}-07-01`, status: "AWAITING_DECISION" };
  await expect.poll(reviews, { timeout: 20_000 }).toEqual([{ ...first, status: "CANCELLED" }, second]);
  await expect.poll(seen, { timeout: 20_000 }).toEqual([`${year + 2}-01-15`]);
}, 120_000);
