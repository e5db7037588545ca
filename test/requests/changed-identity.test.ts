import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kari, openWorld, outcomes, rectify, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    accounts: [
      { emails: ["kari.ny@example.com"], name: "Somebody Else", roles: [] },
      { emails: ["kari.nordmann@example.com", "kari.berg@example.com"], name: "Kari Nordmann", roles: [] },
    ],
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const holdings = async (as: string) => {
  const { data } = await world.gateway.query<{ me: { holdings: { source: string; state: string }[] } }>(
    "{ me { holdings { source state } } }",
    {},
    { as },
  );
  return Object.fromEntries((data?.me.holdings ?? []).map(({ source, state }) => [source, state]));
};
const everywhere = { crm: "HELD", learning: "HELD", mailing: "HELD", events: "HELD", website: "HELD" };
const nowhere = {
  crm: "NOT_HELD",
  learning: "NOT_HELD",
  mailing: "NOT_HELD",
  events: "NOT_HELD",
  website: "NOT_HELD",
};
const addresses = async (address: string) => [
  ...(await world.own("crm", "select epost from kontakt where lower(epost) = $1", [address])),
  ...(await world.own("learning", "select email from mdl_user where lower(email) = $1", [address])),
  ...(await world.own("events", 'select "Email" from "Attendee" where lower("Email") = $1', [address])),
  ...(await world.own("mailing", "select email from subscribers where lower(email) = $1", [address])),
  ...(await world.own("website", "select email from web_contact where lower(email) = $1", [address])),
];

describe("an address that belongs to somebody else", () => {
  it.each([
    ["in every system", "anne-kari.nordmann@example.com"],
    ["in one system alone", "eva.enebo@example.com"],
    ["in other letters", "Stor.LESER@example.com"],
  ])("%s is refused, and nothing is written", async (_where, value) => {
    const refused = await rectify(world, [{ field: "EMAIL", value }]);
    expect(refused).toMatchObject({ code: "IDENTITY_AMBIGUOUS", rule: "OF_ANOTHER", field: "EMAIL" });
    expect(refused.message).not.toContain("@");
    expect(await addresses(kari)).toHaveLength(5);
    expect(await holdings(kari)).toEqual(everywhere);
  });

  it("and that only the register knows is refused too", async () => {
    const stranger = "kari.ny@example.com";
    expect(await holdings(stranger)).toEqual(nowhere);
    expect(await rectify(world, [{ field: "EMAIL", value: stranger }])).toMatchObject({ rule: "OF_ANOTHER" });
    expect(await addresses(kari)).toHaveLength(5);
  });

  it("is refused where the system could not be asked before, too", async () => {
    await world.gateway.open("mailing", false);
    const paid = await rectify(world, [
      { field: "EMAIL", value: "eva.enebo@example.com", sources: ["mailing"] },
    ]);
    expect(outcomes(paid)).toMatchObject({ mailing: "PENDING PENDING" });
    await world.gateway.open("mailing", true);
    expect(await world.until(paid.request.id, "NEEDS_ATTENTION", "COMPLETED")).toBe("NEEDS_ATTENTION");
    for (let n = 0; n < 100; n++) {
      const [step] = await world.gateway.rows(
        "select state, detail from request_step where request_id = $1",
        [paid.request.id],
      );
      if (step?.["state"] === "FAILED") break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [step] = await world.gateway.rows("select state, detail from request_step where request_id = $1", [
      paid.request.id,
    ]);
    expect(step).toEqual({ state: "FAILED", detail: "OF_ANOTHER" });
    expect(await holdings(kari)).toEqual(everywhere);
    expect(await holdings("eva.enebo@example.com")).toEqual({ ...nowhere, mailing: "HELD" });
  });

  it("cannot be found out without end", async () => {
    const [{ n } = { n: -1 }] = await world.gateway.rows<{ n: number }>(
      "select max(searches) as n from search_count",
    );
    expect(n).toBeGreaterThan(2);
  });
});

describe("a changed address", () => {
  it("is what the answer itself finds the person by, and what comes after it in the same operation", async () => {
    const held = "holdings { source state identifiers { value } }";
    const paid = `... on RectifyPayload { request { subject { ${held} } } subject { ${held} profile { email { value } } } }`;
    const to = (value: string) =>
      `rectify(input: { changes: [{ field: EMAIL, value: "${value}" }] }) { ${paid} }`;
    interface Found {
      readonly holdings: readonly { source: string; state: string; identifiers: { value: string }[] }[];
      readonly profile: { readonly email: { readonly value: string | null } };
    }
    type Changed = { readonly subject: Found; readonly request: { readonly subject: Found } };
    const { data, text } = await world.gateway.query<{ there: Changed; back: Changed }>(
      `mutation { there: ${to("kari.mellom@example.com")} back: ${to(kari)} }`,
      {},
      { as: kari },
    );
    for (const [changed, address] of [
      [data?.there, "kari.mellom@example.com"],
      [data?.back, kari],
    ] as const) {
      expect(changed?.subject.profile.email.value, text).toBe(address);
      for (const { holdings: all } of [changed?.subject, changed?.request.subject].filter((each) => !!each))
        expect(all.map(({ state, identifiers }) => [state, identifiers])).toEqual(
          Array.from({ length: 5 }, () => ["HELD", [{ value: address }]]),
        );
    }
    expect(await holdings(kari)).toEqual(everywhere);
  });

  it("does not lock the person out, in any system", async () => {
    const paid = await rectify(world, [
      { field: "EMAIL", value: "Kari.Berg@example.com", sources: ["crm", "mailing"] },
    ]);
    expect(outcomes(paid)).toMatchObject({ crm: "DONE DONE", mailing: "DONE DONE" });
    expect(await addresses("kari.berg@example.com")).toHaveLength(2);
    expect(await holdings(kari)).toEqual(everywhere);
    const rest = await rectify(world, [{ field: "EMAIL", value: "kari.berg@example.com" }]);
    expect(rest.request.status).toBe("COMPLETED");
    expect(await addresses("kari.berg@example.com")).toHaveLength(5);
    expect(await holdings(kari)).toEqual(everywhere);
    expect((await rectify(world, [{ field: "PHONE", value: "40000021" }])).request.status).toBe("COMPLETED");
  });

  it("leads staff to the person, by the old one and by the new", async () => {
    for (const value of [kari, "kari.berg@example.com"]) {
      const { data } = await world.gateway.query<{ findDataSubjects: { subject: { id: string } }[] }>(
        `query($identifier: IdentifierInput!) { findDataSubjects(identifier: $identifier, purpose: DATA_SUBJECT_RIGHTS) { subject { id } } }`,
        { identifier: { kind: "EMAIL", value } },
        { as: "dpo@intech.example" },
      );
      const [own] = await world.gateway.rows<{ id: string }>(
        "select subject_id as id from identifier where origin = 'CORRECTED' limit 1",
      );
      expect(data?.findDataSubjects.map(({ subject }) => subject.id)).toEqual([own?.id]);
    }
  });

  it("leads to the person's own record alone: another that says the same is not theirs", async () => {
    // Somebody registers anew in the CRM, under the address that Kari once had, and under the one she has now.
    for (const [id, address] of [
      [900_001, kari],
      [900_002, "kari.berg@example.com"],
    ] as const)
      await world.own(
        "crm",
        `insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret)
         values ($1, $2, 'Somebody Else', $3, now(), now(), now())`,
        [id, `K-${id}`, address],
      );
    const { data, errors } = await world.gateway.query<{ me: { crm: { name: string } | null } }>(
      "{ me { crm { name } } }",
      {},
      { as: kari },
    );
    // The verified address answers to a stranger as well now: whose is whose is for staff to settle.
    expect(errors ?? data?.me.crm).toBeNull();
    expect((await holdings(kari))["crm"]).toBe("NEEDS_REVIEW");
    await world.own("crm", "delete from kontakt where kontakt_id >= 900000");
    expect((await holdings(kari))["crm"]).toBe("HELD");
  });

  it("is not taken from the person by whoever verifies it later, nor the other way round", async () => {
    const other = "kari.tredje@example.com";
    const paid = await rectify(world, [{ field: "EMAIL", value: other, sources: ["events"] }]);
    expect(paid.request.status).toBe("COMPLETED");
    // What the issuer would say of its owner, put where such a token puts it.
    await world.gateway.rows(
      `insert into subject (id, created_at) values ('00000000-0000-4000-8000-00000000aaaa', now())`,
    );
    await world.gateway.rows(
      `insert into identifier (subject_id, hash, origin, source, kind, sealed_value, at)
       select '00000000-0000-4000-8000-00000000aaaa', hash, 'VERIFIED', '', kind, sealed_value, now() from identifier
       where origin = 'CORRECTED' and source = 'events' and hash not in (select hash from identifier where source = 'crm')`,
    );
    expect((await holdings(kari))["events"]).toBe("NEEDS_REVIEW");
  });
});
