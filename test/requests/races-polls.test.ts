import { afterAll, beforeAll, expect, it } from "vitest";
import { openJobs } from "../../src/requests/jobs.ts";
import { holdUp } from "./held-up.ts";
import { ask, idOf } from "./rights.ts";
import { kari, openWorld, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openWorld({ replicas: 2 });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());

const eva = "eva.enebo@example.com";

const unsubscribed = (email: string, at: string) =>
  world.own(
    "mailing",
    `update subscriber_lists set status = 'unsubscribed', updated_at = ${at}
     where subscriber_id in (select id from subscribers where lower(email) = $1)`,
    [email],
  );

const ledger = async (subjectId: string) =>
  (
    await world.gateway.rows<{ status: string; channel: string }>(
      "select status, channel from consent_event where subject_id = $1 and purpose = 'NEWSLETTER' order by at",
      [subjectId],
    )
  ).map(({ status, channel }) => `${status} ${channel}`);

/** How often the tool has been asked, by all replicas. */
const polled = async () =>
  (
    await world.gateway.rows<{ n: number }>(
      "select count(*)::int as n from pgboss.job where name = 'withdrawals-mailing' and state = 'completed'",
    )
  )[0]?.n ?? 0;

const setConsent = (given: boolean, as: string) =>
  world.gateway.query(
    "mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }",
    { input: { purpose: "NEWSLETTER", given } },
    { as },
  );

async function eventually(is: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await is()) && Date.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

it("a no is not taken over again that has been said here while the tool was asked", async () => {
  // What there was to take over has been.
  await eventually(async () => (await world.gateway.rows("select 1 from withdrawals_seen")).length > 0);
  await using holder = await holdUp(world.gateway.databaseUrl);
  await holder.run("select from subject where id = $1 for no key update", [id]);
  const saying = setConsent(false, kari);
  await holder.untilHeld(1);
  await unsubscribed(kari, "now()");
  const [{ now } = { now: "" }] = await world.gateway.rows<{ now: string }>("select now()::text as now");
  // The next poll, by either replica, comes upon it and waits behind.
  await eventually(async () => {
    const polls = await world.gateway.rows(
      `select 1 from pgboss.job where name = 'withdrawals-mailing' and state = 'active'
       and started_on between $1 and now() - interval '1 second'`,
      [now],
    );
    return polls.length > 0;
  });
  await holder.release();
  await saying;
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await ledger(id)).toEqual(["GIVEN PORTAL", "WITHDRAWN PORTAL"]);
});

it("a no is heard after one that the tool has of tomorrow", async () => {
  const evaId = await idOf(world, eva);
  await world.own(
    "mailing",
    `update subscriber_lists set status = 'unsubscribed', updated_at = now() + interval '1 day'
     where subscriber_id = (select max(id) from subscribers)`,
  );
  const seen = "select until from withdrawals_seen";
  const [before] = await world.gateway.rows<{ until: Date }>(seen);
  await eventually(async () => {
    const [now] = await world.gateway.rows<{ until: Date }>(seen);
    return now !== undefined && now.until > (before?.until ?? new Date(0));
  });
  await setConsent(true, eva);
  expect((await ledger(evaId)).at(-1)).toBe("GIVEN PORTAL");
  await unsubscribed(eva, "now()");
  await eventually(async () => (await ledger(evaId)).at(-1) === "WITHDRAWN mailing");
  expect((await ledger(evaId)).at(-1)).toBe("WITHDRAWN mailing");
});

it("what the tool has stopped for a restriction is no withdrawal, though its clock is behind", async () => {
  const reader = "stor.leser@example.com";
  const readerId = await idOf(world, reader);
  await world.own(
    "mailing",
    `create function behind() returns trigger language plpgsql as
       $$ begin new.updated_at := new.updated_at - interval '2 seconds'; return new; end $$;
     create trigger behind before update on subscriber_lists for each row execute function behind()`,
  );
  const restricting = ask(world, "restrictProcessing", { reason: "Feil adresse" }, { as: reader });
  expect((await restricting).request.status).toBe("COMPLETED");
  const seen = await polled();
  await eventually(async () => (await polled()) > seen + 1);
  expect((await ledger(readerId)).at(-1)).toBe("GIVEN PORTAL");
  await world.own("mailing", "drop trigger behind on subscriber_lists");
});

it("one that cannot be taken over keeps no other from being heard", async () => {
  const evaId = await idOf(world, eva);
  await setConsent(true, kari);
  await setConsent(true, eva);
  const [kept] = await world.gateway.rows<{ wrapped_key: Buffer }>(
    "select wrapped_key from keys.person_key where subject_id = $1",
    [id],
  );
  await world.gateway.rows("update keys.person_key set wrapped_key = '\\x00' where subject_id = $1", [id]);
  await unsubscribed(kari, "now()");
  await unsubscribed(eva, "now()");
  await eventually(async () => (await ledger(evaId)).at(-1) === "WITHDRAWN mailing");
  expect((await ledger(evaId)).at(-1)).toBe("WITHDRAWN mailing");
  expect((await ledger(id)).at(-1)).toBe("GIVEN PORTAL");
  await world.gateway.rows("update keys.person_key set wrapped_key = $2 where subject_id = $1", [
    id,
    kept?.wrapped_key,
  ]);
  await eventually(async () => (await ledger(id)).at(-1) === "WITHDRAWN mailing");
  expect((await ledger(id)).at(-1)).toBe("WITHDRAWN mailing");
});

it("a queue keeps steps as long as the configuration says by now", async () => {
  const expiry = async () =>
    (
      await world.gateway.rows<{ name: string; expire_seconds: number }>(
        "select name, expire_seconds from pgboss.queue where name = 'request-step'",
      )
    )[0]?.expire_seconds;
  expect(await expiry()).toBe(8);
  const { databaseUrl } = world.gateway;
  const failed = (error: unknown) => expect(error).toBeUndefined();
  const jobs = await openJobs({ databaseUrl, stepSeconds: 60, recoverySeconds: 10, failed });
  await jobs.close();
  expect(await expiry()).toBe(65);
});
