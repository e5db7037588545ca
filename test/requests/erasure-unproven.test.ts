import { afterAll, beforeAll, expect, it } from "vitest";
import { identifierHash } from "../../src/subjects/people.ts";
import { openRegister } from "../setup/register.ts";
import { ended, erase } from "./erasing.ts";
import { openWorld, rectify, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const victim = "gjest.gjestesen@example.net";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

it("an address that only the person's own correction says is theirs takes nobody else's traces along, nor suppresses them", async () => {
  await world.own(
    "events",
    `insert into "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email")
     select gen_random_uuid(), null, "Id", now(), 'confirmed', 'Gjest Gjestesen', $1 from "Event" limit 1`,
    [victim],
  );
  const corrected = await rectify(world, [{ field: "EMAIL", value: victim, sources: ["events"] }], {
    as: ola,
  });
  expect(ended).toContain(await world.until(corrected.request.id, ...ended));
  const { request } = await erase(world, ola);
  expect(ended).toContain(await world.until(request.id, ...ended));
  const own = await world.own("events", `select 1 from "Attendee" where lower("Email") in ($1, $2)`, [
    ola,
    victim,
  ]);
  expect(own).toEqual([]);
  const guests = await world.own("events", `select 1 from "Registration" where "Email" = $1`, [victim]);
  expect(guests).toHaveLength(1);
  await using register = await openRegister(world.gateway);
  const hash = identifierHash(register.keyring.hash("identifier"));
  const suppressed = (email: string) =>
    world.gateway.rows("select 1 from suppressed_identifier where hash = $1", [
      hash({ kind: "EMAIL", value: email }),
    ]);
  expect(await suppressed(ola)).toHaveLength(1);
  expect(await suppressed(victim)).toEqual([]);
});
