import { afterAll, beforeAll, expect, it } from "vitest";
import { stale } from "./stale.ts";
import { carriedOut, opened, type Review } from "./reviews.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.own("crm", stale);
});
afterAll(() => world[Symbol.asyncDispose]());

const recordOf = ({ items }: Review, source: string) =>
  items.find((item) => item.source === source && item.recordType === "record" && item.action === "ERASE") ??
  expect.fail();
const contact = (key: string, email: string) =>
  world.own(
    "website",
    `insert into web_contact (contact_key, email, first_seen_at, last_seen_at, updated_at)
     values ('${key}', '${email}', '2014-01-01', '2015-01-01', '2015-01-01')`,
  );
const contacts = async () =>
  (
    await world.own<{ contact_key: string }>(
      "website",
      "select contact_key from web_contact where contact_key like 'old-%' order by 1",
    )
  ).map(({ contact_key }) => contact_key);

it("comes back to the traces of a record that had gone when the system failed", async () => {
  const log = async () => (await world.own("crm", "select 1 from epost_logg where logg_id = 900001")).length;
  expect(await log()).toBe(1);
  await world.own(
    "crm",
    `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$;
     create trigger no_more before update or delete on epost_logg for each row execute function no_more()`,
  );
  const failed = await carriedOut(world, (await opened(world)).id);
  expect(recordOf(failed, "crm")).toMatchObject({ state: "FAILED", reason: "FAILED", gone: null });
  expect(await world.own("crm", "select 1 from kontakt where kontakt_id = 900001")).toEqual([]);
  expect(await log()).toBe(1);
  await world.own("crm", "drop trigger no_more on epost_logg");

  // Another that nobody approves is in between.
  await opened(world, { asOf: "2020-01-01" });
  const next = await carriedOut(world, (await opened(world)).id);
  expect(recordOf(next, "crm")).toMatchObject({ count: 0, state: "DONE", remaining: 0 });
  expect(await log()).toBe(0);
  const kept = "select 1 from retention_review_item where sealed_batch is not null";
  expect(await world.gateway.rows(kept)).toEqual([]);
}, 60_000);

it("leaves what has a rule of its own to that, also where it names somebody whose record goes", async () => {
  await contact("old-1", "gammel@example.org");
  await world.own(
    "website",
    `insert into web_submission (submission_key, contact_key, form_key, reply_to, submitted_at)
     select key, null, (select min(form_key) from web_form), 'gammel@example.org', at
     from (values ('fresh', now() - interval '1 day'), ('stale', now() - interval '3 years')) as sent (key, at)`,
  );
  await carriedOut(world, (await opened(world)).id);
  expect(await contacts()).toEqual([]);
  const left = await world.own(
    "website",
    "select submission_key from web_submission where reply_to = 'gammel@example.org'",
  );
  expect(left).toEqual([{ submission_key: "fresh" }]);
});

it("says how many went, and not of how many it was thought", async () => {
  await contact("old-2", "to@example.org");
  await contact("old-3", "tre@example.org");
  const review = await opened(world);
  expect(recordOf(review, "website").count).toBe(2);
  await world.own("website", "update web_contact set last_seen_at = now() where contact_key = 'old-3'");
  const ended = await carriedOut(world, review.id);
  expect(recordOf(ended, "website")).toMatchObject({ state: "DONE", gone: 1, remaining: 0 });
  const entries = await world.gateway.rows<{ detail: string }>(
    `select detail from audit_entry where event = 'STEP_ENDED' and request_id = $1 and 'website' = any(sources)
     and detail like '% record %'`,
    [review.id],
  );
  expect(entries).toEqual([{ detail: "ERASE record DONE 1" }]);
  expect(await contacts()).toEqual(["old-3"]);
});

it("carries out no other rule than was shown", async () => {
  await contact("old-4", "fire@example.org");
  const review = await opened(world);
  // As though the version that is approved in had another rule than the one that counted.
  await world.gateway.rows(
    `update retention_review_item set rule = 'P20Y after lastSeenAt'
     where review_id = $1 and source = 'website' and record_type = 'record'`,
    [review.id],
  );
  const ended = await carriedOut(world, review.id);
  expect(recordOf(ended, "website")).toMatchObject({ state: "FAILED", reason: "RULE_CHANGED", gone: null });
  expect(ended.status).toBe("NEEDS_ATTENTION");
  expect(await contacts()).toEqual(["old-3", "old-4"]);
});
