import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dump, places, saying } from "./databases.ts";
import { ended, erase, planOf } from "./erasing.ts";
import { ask, confirmed } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const ingrid = "ingrid.aas@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Somebody signs another up, with what that one eats. */
const book = (by: string, address: string, name: string) =>
  world.own(
    "events",
    `insert into "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email", "DietaryNeeds")
     select gen_random_uuid(), a."Id", e."Id", now(), 'Confirmed', $3, $2, 'nøtteallergi'
     from "Attendee" a, (select "Id" from "Event" order by 1 limit 1) e where a."Email" = $1`,
    [by, address, name],
  );

const registrationsOf = (email: string) =>
  world.own(
    "events",
    `select r.* from "Registration" r join "Attendee" a on a."Id" = r."AttendeeId" where a."Email" = $1 order by r."Id"`,
    [email],
  );

const stuck = (id: string) =>
  world.gateway.rows<{ id: string; place: string; detail: string; about: string }>(
    `select id, concat_ws(' ', source, action, record_type) as place, detail, about from request_step
     where request_id = $1 and state = 'FAILED'`,
    [id],
  );

describe("what another has registered for a person", () => {
  it("is theirs: it is left as it was, told to staff, and when they have settled it, the erasure ends", async () => {
    const before = await planOf(world, kari);
    await book(ola, "Kari.Nordmann@example.com", "Kari Nordmann");
    expect((await planOf(world, kari)).items).toEqual(before.items);
    const bookings = await registrationsOf(ola);

    const { request } = await erase(world, kari);

    expect(await world.until(request.id, "NEEDS_ATTENTION", ...ended)).toBe("NEEDS_ATTENTION");
    await expect
      .poll(
        () =>
          world.gateway.rows(
            "select from request_step where request_id = $1 and action = 'VERIFY' and state = 'PENDING'",
            [request.id],
          ),
        { timeout: 10_000 },
      )
      .toEqual([]);
    expect(await stuck(request.id)).toEqual([
      expect.objectContaining({
        place: "events VERIFY",
        detail: "LEFT_WITH_OTHERS",
        about: "Registration (1)",
      }),
    ]);
    expect(await registrationsOf(ola)).toEqual(bookings);
    // Tried again, it is as before.
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    await world.until(request.id, "NEEDS_ATTENTION");
    expect(await registrationsOf(ola)).toEqual(bookings);

    await world.own(
      "events",
      `update "Registration" set "Name" = 'Ola Nordmann', "Email" = $1, "DietaryNeeds" = null where lower("Email") = $2`,
      [ola, kari],
    );
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
  });

  it("stays where staff say that it is to", async () => {
    await book(ola, ingrid, "Ingrid Aas");
    const bookings = await registrationsOf(ola);
    const { request } = await erase(world, ingrid, { sources: ["events"] });
    await world.until(request.id, "NEEDS_ATTENTION");
    const [step] = await stuck(request.id);
    expect(step?.detail).toBe("LEFT_WITH_OTHERS");
    const confirming = { id: request.id, stepId: step?.id, because: "Avtalt med den som meldte på" };
    await confirmed(world, confirming, { as: dpo });
    expect(ended).toContain(await world.until(request.id, ...ended));
    expect(await registrationsOf(ola)).toEqual(bookings);
  });
});

/** As each system deletes a record: what it leaves of that is its own affair. */
const deletions: readonly (readonly ["crm" | "learning" | "events" | "website", string, string])[] = [
  [
    "crm",
    `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
     values (9999999, 'K-GAMMEL', 'Siv Stille', $1, now(), now(), now())`,
    "delete from kontakt where kontakt_id = 9999999",
  ],
  [
    "learning",
    `insert into mdl_user (id, username, password, firstname, lastname, email, timecreated, timemodified)
     values (99999999, 'gammel', 'x', 'Siv', 'Stille', $1, 1, 1)`,
    "delete from mdl_user where id = 99999999",
  ],
  [
    "events",
    `insert into "Attendee" ("Id", "FullName", "Email", "CreatedAt", "UpdatedAt")
     values (gen_random_uuid(), 'Siv Gammel', $1, now(), now())`,
    `delete from "Attendee" where "FullName" = 'Siv Gammel'`,
  ],
  [
    "website",
    "insert into web_contact values ('c_gammel', $1, null, null, now(), now(), now())",
    "delete from web_contact where contact_key = 'c_gammel'",
  ],
];

const siv = "siv.stille@example.com";

describe("what the deletion of an earlier record has left", () => {
  it("goes with the person, in every system", async () => {
    for (const [system, made, deleted] of deletions) {
      await world.own(system, made, [siv]);
      await world.own(system, deleted);
    }
    const left = places(saying(await dump(world), [siv]));
    expect(left).toEqual(
      expect.arrayContaining([
        "crm kontakt_historikk",
        "learning mdl_user",
        "learning mdl_logstore_standard_log",
        'events "AuditLog"',
        "website web_contact_log",
      ]),
    );
    const { request } = await erase(world, siv);
    expect(ended).toContain(await world.until(request.id, ...ended));
    expect(places(saying(await dump(world), [siv]))).toEqual([]);
  });
});
