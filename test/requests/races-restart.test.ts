import { afterAll, beforeAll, expect, it } from "vitest";
import { holdUp } from "./held-up.ts";
import { kari, openWorld, outcomes, rectify, type World } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world[Symbol.asyncDispose]());

const phone = (value: string) => rectify(world, [{ field: "PHONE", value }]);

/** Ends every session of the gateway's own database, as a restart of it does. */
const restart = () =>
  world.gateway
    .rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    .catch(() => []);

const opened = async () =>
  (await world.gateway.rows<{ n: number }>("select count(*)::int as n from request"))[0]?.n;

it("its own database that is restarted leaves what was asked written down whole, or not at all", async () => {
  await using holder = await holdUp(world.gateway.databaseUrl);
  await holder.run("lock table audit_entry in share row exclusive mode");
  const asking = phone("40000001").catch((error: unknown) => error);
  // All but the entry in the trail is done.
  await holder.untilHeld(1);
  await restart();
  expect(await asking).toBeInstanceOf(Error);
  expect(await opened()).toBe(0);
  expect(outcomes(await phone("40000001"))).toMatchObject({ crm: "DONE DONE", mailing: "DONE DONE" });
});

it("a step that is being carried out when it is restarted is carried out, and followed to its end", async () => {
  await using tool = await holdUp(world.gateway.systemUrls.mailing);
  await tool.run("select from subscribers for update");
  const asking = phone("40000002");
  await tool.untilHeld(1);
  await restart();
  await tool.release();
  await asking.catch(() => undefined);
  const [request] = await world.gateway.rows<{ id: string }>(
    "select id from request order by received_at desc limit 1",
  );
  await world.until(request?.id ?? "", "COMPLETED");
  expect((await world.phones()).mailing).toBe("400 00 002");
  expect(outcomes(await phone("40000003"))).toMatchObject({ crm: "DONE DONE", mailing: "DONE DONE" });
});

it("answers wait for steps again", async () => {
  const listening = () =>
    world.gateway.rows<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'innsyn progress'",
    );
  const before = (await listening()).map(({ pid }) => pid);
  await restart();
  // A session that is ended is still seen for a moment.
  const isAnew = async () => (await listening()).some(({ pid }) => !before.includes(pid));
  await expect.poll(isAnew, { timeout: 10_000 }).toBe(true);
  const { request } = await rectify(world, [{ field: "JOB_TITLE", value: "Leder" }], { as: kari });
  expect(request.status).toBe("COMPLETED");
});
