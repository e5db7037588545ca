import { afterAll, beforeAll, expect, it } from "vitest";
import { setClock } from "../setup/clock.ts";
import { ask, letter } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    replicas: 2,
    config: (config) => ({
      ...config,
      requests: { ...config.requests, dailyMessageSeconds: 1, withdrawalsSeconds: 86_400 },
      messages: config.messages && { ...config.messages, language: "nn" },
    }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const mails = async () => (await world.gateway.outside.mails()).filter(({ to }) => to === dpo);
const lastDay = async () =>
  (await world.gateway.rows<{ day: string }>("select day::text from daily_message")).map(({ day }) => day);
const looks = async () => {
  const [row] = await world.gateway.rows<{ n: number }>(
    "select count(*)::int as n from pgboss.job where name = 'daily-message' and state = 'completed'",
  );
  return row?.n ?? 0;
};
const patiently = { timeout: 15_000 };

it("tells the DPO once a day how many requests are open, from six in the morning on, and nothing where none is", async () => {
  await setClock(world.gateway, new Date("2030-05-06T10:00:00Z"));
  await expect.poll(lastDay, patiently).toEqual(["2030-05-06"]);
  expect(await mails()).toEqual([]);

  await ask(world, "objectToProcessing", { purpose: "TESTING", reason: "Eg vil ikkje." }, { as: kari });
  await letter(world, "ACCESS", "eva.enebo@example.com", { receivedAt: "2030-04-10T10:00:00Z" });
  await letter(world, "ACCESS", "siv.stille@example.com", { receivedAt: "2030-01-10T10:00:00Z" });
  // Half past five in the morning in Norway.
  await setClock(world.gateway, new Date("2030-05-07T03:30:00Z"));
  const looked = await looks();
  // One may have begun before.
  await expect.poll(looks, patiently).toBeGreaterThan(looked + 1);
  expect(await mails()).toEqual([]);
  await setClock(world.gateway, new Date("2030-05-07T04:00:00Z"));
  await expect.poll(lastDay, patiently).toEqual(["2030-05-07"]);
  const [first] = await mails();
  expect(first?.subject).toBe("Personvernsaker som er opne");
  expect(first?.text).toContain(
    [
      "Opne saker: 3",
      "Over fristen: 1",
      "Frist innan sju dagar: 1",
      "Ventar på at det blir fastslått kven som spør: 2",
      "Ventar på ei avgjerd: 1",
      "Må sjåast på: 0",
    ].join("\n"),
  );
});

it("tries it again while the mail server is down, and says that it failed", async () => {
  await world.gateway.outside.open("mail", false);
  await setClock(world.gateway, new Date("2030-05-08T10:00:00Z"));
  const failures = () => world.gateway.lines.filter((line) => line.includes("tried again soon")).length;
  await expect.poll(failures, patiently).toBeGreaterThan(1);
  expect(await lastDay()).toEqual(["2030-05-07"]);
  await world.gateway.outside.open("mail", true);
  await expect.poll(lastDay, patiently).toEqual(["2030-05-08"]);
  // One each day, though two replicas have looked every second.
  expect(await mails()).toHaveLength(2);
});
