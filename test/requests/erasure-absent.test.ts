import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, erase, planOf } from "./erasing.ts";
import { ask, idOf } from "./rights.ts";
import { dpo, kari, openWorld, rectify, type World } from "./world.ts";

/** In the e-mail tool alone. */
const eva = "eva.enebo@example.com";
/** In the learning platform and the event system alone. */
const ola = "ola.nordmann@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({ ...config, erasure: { ...config.erasure, graceSeconds: 2 } }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

let logged = 9_900_000;
const logMail = (to: string, contact: number | null = null) =>
  world.own("crm", "insert into epost_logg values ($1, $2, $3, 'Kvittering', now())", [
    ++logged,
    contact,
    to,
  ]);
const mails = async (like: string) =>
  (await world.own<{ to: string }>("crm", "select mottaker as to from epost_logg")).filter(({ to }) =>
    to.toLowerCase().includes(like),
  );

let sent = 0;
const sendForm = async (from: string) => {
  const key = `s_absent_${++sent}`;
  await world.own(
    "website",
    "insert into web_submission select $1, null, form_key, $2, now() from web_form limit 1",
    [key, from],
  );
  await world.own("website", "insert into web_submission_field values ($1, $1, 1, 'Melding', 'Hei')", [key]);
  return key;
};
const forms = (key: string) =>
  world.own(
    "website",
    `select submission_key from web_submission where submission_key = $1
     union all select submission_key from web_submission_field where submission_key = $1`,
    [key],
  );

const registerGuest = (email: string) =>
  world.own(
    "events",
    `insert into "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email")
     select gen_random_uuid(), null, "Id", now(), 'Confirmed', 'Gjest', $1 from "Event" limit 1`,
    [email],
  );
const inEvents = (email: string) =>
  world.own(
    "events",
    `select "Email" from "Registration" where lower("Email") = $1
     union all select "Changes"::text from "AuditLog" where lower("Changes"::text) like '%' || $1 || '%'`,
    [email],
  );

const logLearning = (email: string) =>
  world.own(
    "learning",
    `insert into mdl_logstore_standard_log (eventname, userid, other, timecreated)
     values ('\\core\\event\\user_login_failed', 0, json_build_object('username', $1::text)::text, 1)`,
    [email],
  );
const inLearning = (email: string) =>
  world.own("learning", "select id from mdl_logstore_standard_log where other like '%' || $1 || '%'", [
    email,
  ]);

const besides = async (as: string, sources: readonly string[]) =>
  (await planOf(world, as)).items
    .filter(({ source }) => !sources.includes(source))
    .map(({ source, recordType, count, action }) => `${source} ${action} ${recordType} ${count}`);

interface Done {
  readonly source: string;
  readonly action: string;
  readonly recordType: string | null;
  readonly state: string;
  readonly result: string | null;
  readonly count: number | null;
  readonly about: string | null;
  readonly detail: string | null;
}
const stepsIn = (request: string, source: string) =>
  world.gateway.rows<Done>(
    `select source, action, record_type as "recordType", state, result, count, about, detail
     from request_step where request_id = $1 and source = $2 order by position`,
    [request, source],
  );
const told = async (request: string, source: string) =>
  (await stepsIn(request, source)).map(
    ({ action, recordType, result, count }) => `${action} ${recordType ?? ""} ${result} ${count ?? ""}`,
  );

/** Another's by the key, and another's by the address. */
const others = [`Kari, kopi ${eva}`, `mor.${eva}`];

describe("where a system has no record of the person, what names them there", () => {
  it("is in the plan and goes, and nobody else's does", async () => {
    const before = await planOf(world, eva);
    expect([...new Set(before.items.map(({ source }) => source))]).toEqual(["mailing"]);
    const [contact] = await world.own<{ id: number }>(
      "crm",
      "select kontakt_id as id from kontakt where lower(epost) = $1",
      [kari],
    );
    await logMail(`Eva Enebo <EVA.enebo@example.com>`);
    await logMail(`mor.eva.enebo@example.com`);
    await logMail(`Kari, kopi ${eva}`, contact?.id ?? expect.fail());
    const [own, stranger] = [await sendForm(eva), await sendForm("eva.enebo@example.com.au")];
    await registerGuest(eva);
    await logLearning(eva);

    const plan = await planOf(world, eva);
    expect(plan.hash).not.toBe(before.hash);
    expect((await besides(eva, ["mailing"])).toSorted()).toEqual([
      "crm ERASE traces 1",
      "events ERASE traces 1",
      "learning ERASE traces 1",
      "website ERASE traces 1",
    ]);

    const { request } = await erase(world, eva);
    expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED");
    for (const source of ["crm", "events", "learning", "website"])
      expect(await told(request.id, source), source).toEqual([
        "READ  DONE 1",
        "ERASE traces DONE 1",
        `${source === "learning" ? "ANONYMISE" : "ERASE"} record ABSENT `,
        "VERIFY  ABSENT ",
      ]);
    expect((await mails("eva.enebo")).map(({ to }) => to).toSorted()).toEqual(others);
    expect(await forms(own)).toEqual([]);
    expect(await forms(stranger)).toHaveLength(2);
    expect(await inEvents(eva)).toEqual([]);
    expect(await inLearning(eva)).toEqual([]);
  });

  it("goes when they ask again, also where the system did not answer when the plan was made", async () => {
    await logMail(eva);
    const form = await sendForm(eva);
    await world.gateway.open("crm", false);
    const planned = await besides(eva, []);
    expect(planned).toEqual(["crm UNAVAILABLE record 0", "website ERASE traces 1"]);
    const { request } = await erase(world, eva);
    await world.gateway.open("crm", true);
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED");
    expect(await told(request.id, "crm")).toEqual(
      expect.arrayContaining(["READ  DONE 1", "ERASE traces DONE 1", "VERIFY  ABSENT "]),
    );
    expect((await mails("eva.enebo")).map(({ to }) => to).toSorted()).toEqual(others);
    expect(await forms(form)).toEqual([]);
  });

  it("stays where the address is also that of a record that is not theirs", async () => {
    await world.own(
      "crm",
      `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
       values (990003, 'K-990003', 'Ektefellen', $1, now(), now(), now())`,
      [ola],
    );
    const { data } = await world.gateway.query<{ unlinkIdentity: { code?: string } }>(
      "mutation($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { ... on Refusal { code } } }",
      { input: { subjectId: await idOf(world, ola), source: "crm", because: "Undersøkt" } },
      { as: dpo },
    );
    expect(data?.unlinkIdentity).toEqual({});
    await logMail(ola);
    const form = await sendForm(ola);
    const sources = ["crm", "website"];
    const { items } = await planOf(world, ola, sources);
    expect(items.map(({ source, recordType }) => `${source} ${recordType}`)).toEqual(["website traces"]);
    const { request } = await erase(world, ola, { sources });
    expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED");
    expect(await mails(ola)).toHaveLength(1);
    expect(await forms(form)).toEqual([]);
    for (const table of ["kontakt", "kontakt_historikk"])
      await world.own("crm", `delete from ${table} where kontakt_id = 990003`);
    await world.own("crm", "delete from epost_logg where mottaker = $1", [ola]);
  });

  it("stays where only a correction of theirs says that the address is theirs", async () => {
    const victim = "gjest.gjestesen@example.net";
    await registerGuest(victim);
    const corrected = await rectify(world, [{ field: "EMAIL", value: victim, sources: ["events"] }], {
      as: ola,
    });
    expect(ended).toContain(await world.until(corrected.request.id, ...ended));
    expect(
      await world.own("events", `select from "Attendee" where lower("Email") = $1`, [victim]),
    ).toHaveLength(1);
    for (const table of ["CompetitionEntry", "Registration", "Attendee"])
      await world.own(
        "events",
        `delete from "${table}" where "${table === "Attendee" ? "Id" : "AttendeeId"}"
           in (select "Id" from "Attendee" where lower("Email") = $1)`,
        [victim],
      );
    const { request } = await erase(world, ola, { sources: ["events"] });
    expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("COMPLETED");
    expect(await world.own("events", `select from "Registration" where "Email" = $1`, [victim])).toHaveLength(
      1,
    );
    // What was written down of the correction says what they were known by before.
    expect(await told(request.id, "events")).toContain("VERIFY  ABSENT ");
    expect(await inEvents(ola)).toEqual([]);
  });

  it("goes from the e-mail tool too, and what has come since the plan with it", async () => {
    const [{ uuid } = { uuid: "" }] = await world.own<{ uuid: string }>(
      "mailing",
      `insert into campaign_views (id, campaign_id, subscriber_uuid, recipient, ip_address)
       values (990000001, 1, gen_random_uuid(), 'Ola.Nordmann@Example.com', '192.0.2.7') returning subscriber_uuid as uuid`,
    );
    await world.own(
      "mailing",
      `insert into subscriber_history (subscriber_id, subscriber_uuid, event, email, name)
       values (2000000000, $1, 'deleted', $2, 'Ola'),
         (2000000000, $1, 'address-changed', $2, 'Ola')`,
      [uuid, ola],
    );
    const mentioning = async () =>
      (
        await world.own<{ of: string }>(
          "mailing",
          `select 'view' as of from campaign_views where lower(recipient) = $1
           union all select event from subscriber_history where lower(email) = $1`,
          [ola],
        )
      ).map((row) => row.of);
    // Somebody who is a subscriber has had the address before: that is theirs.
    await world.own(
      "mailing",
      `insert into subscriber_history (subscriber_id, subscriber_uuid, event, email, name)
       select id, uuid, 'address-changed', $1, name from subscribers where lower(email) = $2`,
      [ola, kari],
    );
    const form = await sendForm(ola);
    expect(await besides(ola, ["learning", "events"])).toEqual([
      "mailing ERASE traces 2",
      "mailing ERASE record 1",
      "website ERASE traces 1",
    ]);

    const { request } = await erase(world, ola);
    // Within the time to think better of it.
    const [later] = [await sendForm(ola), await logMail(ola)];
    expect(await world.until(request.id, "NEEDS_ATTENTION", ...ended)).toBe("NEEDS_ATTENTION");
    expect(await stepsIn(request.id, "crm")).toEqual([
      expect.objectContaining({ action: "VERIFY", detail: "LEFT_BEHIND", about: "epost_logg (1)" }),
    ]);
    await world.own("crm", "delete from epost_logg where mottaker = $1", [ola]);
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED");
    expect(await mentioning()).toEqual(["address-changed"]);
    expect([...(await forms(form)), ...(await forms(later))]).toEqual([]);
  });

  it("is for staff where it is in another's row", async () => {
    await world.own(
      "events",
      `insert into "Registration" ("Id", "AttendeeId", "EventId", "RegisteredAt", "Status", "Name", "Email")
       select gen_random_uuid(), a."Id", e."Id", now(), 'Confirmed', 'Eva Enebo', $1
       from "Attendee" a, (select "Id" from "Event" limit 1) e where lower(a."Email") = $2`,
      [eva, kari],
    );
    const { request } = await erase(world, eva, { sources: ["events"] });
    expect(await world.until(request.id, ...ended, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    expect(await stepsIn(request.id, "events")).toEqual([
      expect.objectContaining({ action: "VERIFY", detail: "LEFT_WITH_OTHERS", about: "Registration (1)" }),
    ]);
    await world.own("events", `delete from "Registration" where "Email" = $1`, [eva]);
    await world.own("events", `delete from "AuditLog" where "Changes" ->> 'Email' = $1`, [eva]);
    await ask(world, "retryRequest", { id: request.id }, { as: dpo });
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED");
  });
});
