import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kari, openWorld, outcomes, rectify, type World } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world[Symbol.asyncDispose]());

const versions = async () => {
  const { data } = await world.gateway.query<{
    me: { profile: { phone: { heldBy: { source: string; version: string; rectifiable: boolean }[] } } };
  }>("{ me { profile { phone { heldBy { source version rectifiable } } } } }", {}, { as: kari });
  return (data?.me.profile.phone.heldBy ?? []).map(({ source, version }) => ({ source, version }));
};
/** What the e-mail tool is found to have stopped meanwhile is another's doing. */
const requests = async () =>
  (
    await world.gateway.rows<{ n: number }>(
      "select count(*)::int as n from request where kind = 'RECTIFICATION'",
    )
  )[0]?.n ?? -1;

describe("one mutation", () => {
  it("changes a phone number in every system that has one, in each as the system writes it", async () => {
    const paid = await rectify(world, [
      { field: "PHONE", value: " 400 00 001", expectedVersions: await versions() },
    ]);
    expect(paid.request).toMatchObject({ kind: "RECTIFICATION", status: "COMPLETED" });
    expect(outcomes(paid)).toMatchObject({
      crm: "DONE DONE",
      learning: "DONE DONE",
      events: "DONE DONE",
      mailing: "DONE DONE",
      "events registrations": "SKIPPED RETAINED",
    });
    const written = {
      crm: "+47 400 00 001",
      learning: "40000001",
      events: "004740000001",
      mailing: "400 00 001",
    };
    expect(await world.phones()).toEqual(written);
    // What the answer shows is read after the write.
    const held = paid.subject.profile["phone"]?.heldBy.map(({ source, value }) => [source, value]);
    expect(Object.fromEntries(held ?? [])).toEqual(written);
    const stayed = await world.own("events", `select 1 from "Registration" where "Phone" = '004740000001'`);
    expect(stayed).toEqual([]);
  });

  it("asked again changes nothing and says so", async () => {
    const paid = await rectify(world, [{ field: "PHONE", value: "+4740000001" }]);
    expect(paid.request.status).toBe("COMPLETED");
    expect(
      paid.request.steps.filter(({ action }) => action === "RECTIFY").map(({ attempts }) => attempts),
    ).toEqual([0, 0, 0, 0]);
  });

  it("writes to the systems named, and to no other", async () => {
    const before = await world.phones();
    const paid = await rectify(world, [{ field: "PHONE", value: "40000002", sources: ["learning"] }]);
    expect(outcomes(paid)).toMatchObject({ learning: "DONE DONE" });
    expect(Object.keys(outcomes(paid))).not.toContain("crm");
    expect(await world.phones()).toEqual({ ...before, learning: "40000002" });
  });

  it("writes every kind of field that a system holds", async () => {
    const paid = await rectify(world, [
      { field: "NAME", value: "Kari Anne Nordmann" },
      { field: "JOB_TITLE", value: "Rådgiver" },
      { field: "ORGANISATION", value: "Ærlig & Sønn AS" },
      { field: "POSTAL_ADDRESS", value: "Storgata 1, 0155 Oslo" },
    ]);
    expect(paid.request.status).toBe("COMPLETED");
    const [crm] = await world.own(
      "crm",
      "select navn, stilling, firma, adresse from kontakt where epost = $1",
      [kari],
    );
    expect(crm).toEqual({
      navn: "Kari Anne Nordmann",
      stilling: "Rådgiver",
      firma: "Ærlig & Sønn AS",
      adresse: "Storgata 1, 0155 Oslo",
    });
    const [learning] = await world.own(
      "learning",
      "select firstname, lastname, title from mdl_user where email = $1",
      [kari],
    );
    expect(learning).toEqual({ firstname: "Kari Anne", lastname: "Nordmann", title: "Rådgiver" });
  });

  it("says of a system that does not have the person that it does not", async () => {
    const paid = await rectify(world, [{ field: "NAME", value: "Eva Nyenebo" }], {
      as: "eva.enebo@example.com",
    });
    expect(outcomes(paid)).toEqual({
      crm: "DONE ABSENT",
      learning: "DONE ABSENT",
      events: "DONE ABSENT",
      mailing: "DONE DONE",
    });
  });
});

describe("a change behind the gateway's back", () => {
  it("is shown and left alone, and nothing is written anywhere", async () => {
    const read = await versions();
    await world.own("crm", "update kontakt set mobil = '+47 999 99 999' where epost = $1", [kari]);
    const [before, count] = [await world.phones(), await requests()];
    const refused = await rectify(world, [{ field: "PHONE", value: "40000003", expectedVersions: read }]);
    expect(refused).toMatchObject({ __typename: "Refusal", code: "VALUE_CONFLICT", field: "PHONE" });
    expect(refused.current).toMatchObject([{ source: "crm", value: "+47 999 99 999" }]);
    expect(await world.phones()).toEqual(before);
    expect(await requests()).toBe(count);
    // `current` is of the field that is named, whatever else has changed as well.
    const stale = [{ source: "crm", version: "stale" }];
    const both = [
      { field: "NAME", value: "Kari N", expectedVersions: stale },
      { field: "PHONE", value: "40000003", expectedVersions: read },
    ];
    const first = await rectify(world, both);
    expect(first).toMatchObject({ field: "NAME", current: [{ source: "crm", value: "Kari Anne Nordmann" }] });
    expect(first.current).toHaveLength(1);
    const again = { field: "PHONE", value: "40000003", expectedVersions: await versions() };
    expect((await rectify(world, [again])).request.status).toBe("COMPLETED");
  });

  it("is not overwritten by what waited for the system meanwhile", async () => {
    const read = await versions();
    await world.gateway.open("crm", false);
    const paid = await rectify(world, [{ field: "PHONE", value: "40000004", expectedVersions: read }]);
    expect(outcomes(paid)).toMatchObject({ crm: "PENDING PENDING", learning: "DONE DONE" });
    expect(paid.request.steps.find(({ source }) => source === "crm")?.lastError).toMatch(/\w/);
    await world.gateway.open("crm", true);
    await world.own("crm", "update kontakt set mobil = '+47 988 88 888' where epost = $1", [kari]);
    expect(await world.until(paid.request.id, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await world.phones()).toMatchObject({ crm: "+47 988 88 888", learning: "40000004" });
  });
});

describe("a system that is down", () => {
  it("gets its write later, while the others have it at once", async () => {
    await world.gateway.open("mailing", false);
    const paid = await rectify(world, [{ field: "PHONE", value: "40000005" }]);
    expect(outcomes(paid)).toMatchObject({
      crm: "DONE DONE",
      learning: "DONE DONE",
      events: "DONE DONE",
      mailing: "PENDING PENDING",
    });
    expect(paid.request.status).toMatch(/RUNNING|NEEDS_ATTENTION/);
    expect(await world.until(paid.request.id, "NEEDS_ATTENTION")).toBe("NEEDS_ATTENTION");
    await world.gateway.open("mailing", true);
    expect(await world.until(paid.request.id, "COMPLETED")).toBe("COMPLETED");
    expect(await world.phones()).toEqual({
      crm: "+47 400 00 005",
      learning: "40000005",
      events: "004740000005",
      mailing: "400 00 005",
    });
  });

  it("gets the last word of the person alone", async () => {
    await world.gateway.open("mailing", false);
    const first = await rectify(world, [{ field: "PHONE", value: "40000006" }]);
    const second = await rectify(world, [{ field: "PHONE", value: "40000007" }]);
    expect(second.request.id).not.toBe(first.request.id);
    await world.gateway.open("mailing", true);
    expect(await world.until(second.request.id, "COMPLETED")).toBe("COMPLETED");
    expect(await world.until(first.request.id, "COMPLETED")).toBe("COMPLETED");
    expect(await world.phones()).toMatchObject({ crm: "+47 400 00 007", mailing: "400 00 007" });
  });

  it("is asked for the same once, however often the person asks", async () => {
    await world.gateway.open("mailing", false);
    const changes = [{ field: "PHONE", value: "40000008" }];
    const all = await Promise.all([
      rectify(world, changes),
      rectify(world, changes),
      rectify(world, changes),
    ]);
    expect(new Set(all.map(({ request: { id } }) => id)).size).toBe(1);
    await world.gateway.open("mailing", true);
    const [{ request }] = all;
    expect(await world.until(request.id, "COMPLETED")).toBe("COMPLETED");
    const later = await rectify(world, changes);
    expect(later.request.id).not.toBe(request.id);
  });
});

describe("bad input", () => {
  it.each([
    ["nothing", { field: "NAME", value: "" }, "EMPTY"],
    ["spaces", { field: "NAME", value: " \t " }, "EMPTY"],
    ["signs alone", { field: "NAME", value: "--" }, "EMPTY"],
    ["a book", { field: "NAME", value: "x".repeat(201) }, "TOO_LONG"],
    ["a line break", { field: "POSTAL_ADDRESS", value: "Storgata 1\n0155 Oslo" }, "CONTROL_CHARACTER"],
    ["a NUL", { field: "NAME", value: "Kari\0Nordmann" }, "CONTROL_CHARACTER"],
    ["text that runs backwards", { field: "NAME", value: "Kari \u202enamdroN" }, "CONTROL_CHARACTER"],
    ["no address", { field: "EMAIL", value: "kari at example" }, "NOT_AN_EMAIL_ADDRESS"],
    ["an address without a domain", { field: "EMAIL", value: "kari@localhost" }, "NOT_AN_EMAIL_ADDRESS"],
    ["two addresses", { field: "EMAIL", value: "a@example.com, b@example.com" }, "NOT_AN_EMAIL_ADDRESS"],
    ["an address with a name", { field: "EMAIL", value: "Kari <kari@example.com>" }, "NOT_AN_EMAIL_ADDRESS"],
    ["no number", { field: "PHONE", value: "ring meg" }, "NOT_A_PHONE_NUMBER"],
    ["half a number", { field: "PHONE", value: "12" }, "NOT_A_PHONE_NUMBER"],
    ["an extension", { field: "PHONE", value: "22334455 ext. 12" }, "NOT_A_PHONE_NUMBER"],
    ["an unknown system", { field: "NAME", value: "Kari", sources: ["erp"] }, "UNKNOWN_SOURCE"],
    ["a system twice", { field: "NAME", value: "Kari", sources: ["crm", "crm"] }, "STATED_TWICE"],
    ["no system", { field: "NAME", value: "Kari", sources: [] }, "NO_CHANGES"],
    [
      "a version of an unknown system",
      { field: "NAME", value: "Kari", expectedVersions: [{ source: "erp", version: "x" }] },
      "UNKNOWN_SOURCE",
    ],
    [
      "a version of a system that is not corrected",
      {
        field: "NAME",
        value: "Kari",
        sources: ["crm"],
        expectedVersions: [{ source: "events", version: "x" }],
      },
      "NOT_CONCERNED",
    ],
  ])("%s names field and rule, and writes nothing", async (_what, change, rule) => {
    const [before, count] = [await world.phones(), await requests()];
    // A good change beside it is not made either.
    const refused = await rectify(world, [{ field: "PHONE", value: "40000099" }, change]);
    expect(refused).toMatchObject({ code: "INVALID_VALUE", field: change.field, rule });
    expect(refused.message).toMatch(
      /^(E-mail address|Phone number|Name|Job title|Postal address)[^:]*: [A-Z`]/,
    );
    expect([await world.phones(), await requests()]).toEqual([before, count]);
  });

  it("the same field twice, or nothing at all, is refused", async () => {
    const name = (sources?: string[]) => ({ field: "NAME", value: "Kari", ...(sources && { sources }) });
    expect(await rectify(world, [name(), name(["crm"])])).toMatchObject({ rule: "STATED_TWICE" });
    expect(await rectify(world, [])).toMatchObject({ code: "INVALID_VALUE", rule: "NO_CHANGES" });
  });

  it("says it in the person's language, and repeats no value", async () => {
    const asked = { as: kari, headers: { "accept-language": "nn" } };
    const refused = await rectify(world, [{ field: "PHONE", value: "hemmeleg 123" }], asked);
    expect(refused.message).toMatch(/^Telefonnummer: Verdien er ikkje eit gyldig telefonnummer\. /);
  });

  it.each([
    [
      "a system without the field",
      { field: "JOB_TITLE", value: "Leder", sources: ["mailing"] },
      "FIELD_NOT_HELD",
      null,
    ],
    [
      "an order",
      { field: "NAME", value: "Kari", recordType: "orders" },
      "SALES_DOCUMENT",
      "Bokføringsloven § 13",
    ],
    ["a completed level", { field: "NAME", value: "Kari", recordType: "courses" }, "PAST_EVENT", null],
    ["a delivery", { field: "EMAIL", value: "k@example.com", recordType: "deliveries" }, "PAST_EVENT", null],
  ])("%s cannot be corrected, and is told why", async (_what, change, rule, legalGround) => {
    const count = await requests();
    expect(await rectify(world, [change])).toMatchObject({ code: "NOT_RECTIFIABLE", rule, legalGround });
    expect(await requests()).toBe(count);
  });

  it("is not for nobody, nor for whoever shows nothing to be found by", async () => {
    const input = { changes: [{ field: "NAME", value: "Kari" }] };
    const document = "mutation($input: RectifyInput!) { rectify(input: $input) { __typename } }";
    expect((await world.gateway.query(document, { input })).status).toBe(401);
    const support = await world.gateway.query(document, { input }, { as: "support@intech.example" });
    expect(support.status).toBe(403);
  });
});

it("leaves no value in the log, the trail, the timeline or the jobs", async () => {
  await rectify(world, [{ field: "POSTAL_ADDRESS", value: "Sporløsveien 77, 0999 Oslo" }]);
  const rows = await world.gateway.rows<{ text: string }>(
    `select to_jsonb(e)::text as text from audit_entry e union all select to_jsonb(t)::text from request_event t
     union all select to_jsonb(s)::text from request_step s union all select to_jsonb(r)::text from request r
     union all select to_jsonb(j)::text from pgboss.job j`,
  );
  const everything = [...rows.map(({ text }) => text), ...world.gateway.lines].join("\n");
  expect(everything).toContain("REQUESTED");
  expect(everything).not.toMatch(/Sporl|40000008|Rådgiver/);
});
