import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { saidNothing } from "../access/reference.ts";
import type { Json } from "../setup/gateway.ts";
import { allowedThrough, expectShown } from "./attacks/allowed.ts";
import { requestOf } from "./attacks/deliveries.ts";
import * as expected from "./attacks/expected.ts";
import { type Caller, callers, type Target, targets } from "./attacks/persons.ts";
import { eachAtOnce, type Named, pointOf, setStage, type Stage, treeOfPoint } from "./attacks/stage.ts";

let stage: Stage;
let crm: pg.Client;
/** What the CRM knew Kari by before: of that only her number and her name are kept. */
let before: { readonly kundenr: string; readonly mobil: string; readonly navn: string };
beforeAll(async () => {
  stage = await setStage();
  crm = new pg.Client({ connectionString: stage.gateway.systemUrls.crm });
  await crm.connect();
  const { rows } = await crm.query("select kundenr, mobil, navn from kontakt where lower(epost) = $1", [
    targets.kari.email,
  ]);
  before = rows[0];
  const { scheduled } = stage.personOf(targets.eva).requests;
  await change(targets.eva.email, "cancelRequest", { id: scheduled });
  await erase(targets.eva);
  await erase(targets.kari);
});
afterAll(async () => {
  await crm.end();
  await stage[Symbol.asyncDispose]();
});

const purposes = Object.values(Purpose);
const dpo = callers.find(({ name }) => name === "DPO") ?? expect.fail();

interface Answered {
  readonly rule?: string;
  readonly request?: { readonly id: string; readonly status: string };
}

async function change(as: string | null, mutation: string, input: object): Promise<Answered> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
  const made = `... on ${payloads[mutation] ?? "RequestPayload"} { request { id status } }`;
  const answer = await stage.attack(
    { as },
    {
      document: `mutation ($input: ${type}) { a: ${mutation}(input: $input) { ... on Refusal { rule } ${made} } }`,
      variables: { input },
    },
  );
  return (answer.data as { a?: Answered } | null)?.a ?? expect.fail(answer.text);
}
const payloads: Readonly<Record<string, string>> = {
  rectify: "RectifyPayload",
  setConsent: "SetConsentPayload",
};

async function settled(id: string): Promise<string> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const [row] = await stage.gateway.rows<{ status: string }>("select status from request where id = $1", [
      id,
    ]);
    if (row && !/^(RUNNING|SCHEDULED)$/.test(row.status)) return row.status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return expect.fail("it has not ended");
}

async function erase(target: Target): Promise<void> {
  const planHash = await stage.planOf(target);
  const { request, rule } = await change(target.email, "requestErasure", { planHash });
  expect(rule).toBeUndefined();
  expect(await settled(request?.id ?? "")).toMatch(/^COMPLETED/);
}

/** A capacity in which somebody may look for persons. */
interface Seeker {
  readonly caller: Caller;
  readonly purpose: Purpose;
  readonly capacity: ReturnType<typeof expected.capacityOf>;
}
const seekers: readonly Seeker[] = callers.flatMap((caller) =>
  purposes.flatMap((purpose) => {
    const capacity = expected.capacityOf(caller, purpose);
    const may = expected.reference.mayRead(capacity, "Query.findDataSubjects");
    return may ? [{ caller, purpose, capacity }] : [];
  }),
);

async function find({ caller, purpose }: Seeker, kind: string, value: string) {
  const { text, data, status } = await stage.attack(caller, {
    document: `query ($value: String!, $purpose: Purpose!) {
      findDataSubjects(identifier: { kind: ${kind}, value: $value }, purpose: $purpose) { subject { id } matchedBy { kind } sources ambiguous } }`,
    variables: { value, purpose },
  });
  return { status, text, data: data as { findDataSubjects: readonly Json[] } | null };
}

describe("whoever is erased", () => {
  test("is found by nothing that the law does not keep, as nobody is", async () => {
    await eachAtOnce(seekers, async (seeker) => {
      const nobody = await find(seeker, "EMAIL", "aldri.kjent@example.com");
      for (const [kind, value] of [
        ["EMAIL", targets.kari.email],
        ["EMAIL", targets.eva.email],
        ["PHONE", before.mobil],
      ] as const)
        expect([seeker.caller.name, seeker.purpose, await find(seeker, kind, value)]).toEqual([
          seeker.caller.name,
          seeker.purpose,
          nobody,
        ]);
    });
  }, 60_000);

  test("is found by what the law keeps as whoever is restricted is: with nothing to see but for those who keep it", async () => {
    const { id } = stage.personOf(targets.kari);
    const found = { shown: 0, hidden: 0, nobody: 0 };
    await eachAtOnce(seekers, async (seeker) => {
      const { data } = await find(seeker, "CUSTOMER_NUMBER", before.kundenr);
      const { capacity } = seeker;
      const where = `${seeker.caller.name} for ${seeker.purpose}`;
      const reads = expected.reference.mayRead(capacity, "DataSubject.crm");
      const word = { ...saidNothing, restricted: "everywhere" } as const;
      const keeps = reads && !expected.reference.refusedByWord(capacity, ["DataSubjectMatch.sources"], word);
      const match = {
        subject: { id },
        matchedBy: [{ kind: "CUSTOMER_NUMBER" }],
        sources: keeps ? ["crm"] : [],
        ambiguous: false,
      };
      expect([where, data?.findDataSubjects]).toEqual([where, reads ? [match] : []]);
      found[keeps ? "shown" : reads ? "hidden" : "nobody"] += 1;
    });
    expect(Object.values(found).every((n) => n > 2)).toBe(true);
  }, 60_000);

  test("is nobody by their id but to the DPO, where nothing is kept", async () => {
    const { id } = stage.personOf(targets.eva);
    for (const { caller, purpose, capacity } of seekers) {
      const { data, errors } = await stage.attack(caller, {
        document: "query ($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) { id } }",
        variables: { id, purpose },
      });
      const seesEverybody = expected.reference.mayRead(
        { ...capacity, roles: new Set([...capacity.roles].filter((role) => role === "DPO")) },
        "Query.dataSubject",
      );
      const known = seesEverybody ? id : "NOT_FOUND";
      const { dataSubject } = (data ?? {}) as { dataSubject?: { id: string } | null };
      const seen = dataSubject?.id ?? errors?.[0]?.extensions.code;
      expect([caller.name, purpose, seen]).toEqual([caller.name, purpose, known]);
    }
  });
});

/** As the gateway is to know them now. */
async function now(target: Target, systems: readonly string[]): Promise<Named> {
  const selection = treeOfPoint(pointOf("me"));
  const me = requestOf("Query", [{ alias: "me", field: "me", given: [], selection }], "literal");
  const { data, text } = await stage.attack({ as: target.email }, me);
  const whole = (data as { me: Json } | null)?.me ?? expect.fail(text);
  const said = { ...saidNothing, restricted: new Set(systems) };
  return { ...stage.personOf(target), target: { email: target.email, systems, unsettled: [], said }, whole };
}

describe("everything", () => {
  const expectAll = async (name: string) => {
    const persons = [await now(targets.kari, ["crm"]), await now(targets.eva, [])];
    expect(JSON.stringify(persons[0]?.whole)).toContain('"restricted":true');
    const open = allowedThrough(pointOf(name));
    expect(open.length).toBeGreaterThan(15);
    await eachAtOnce(open, (allowed) => expectShown(stage, pointOf(name), allowed, persons, "variable"));
  };

  test("by their id, is as the policy has it of a person who is restricted where something is kept", async () => {
    await expectAll("dataSubject");
  }, 60_000);

  test("by their address, is nothing to anybody while they look on with the sign-in of before", async () => {
    for (const seeker of seekers)
      for (const { email } of [targets.kari, targets.eva])
        expect((await find(seeker, "EMAIL", email)).data).toEqual({ findDataSubjects: [] });
  });

  test("by their address, once they have signed in again, is as by their id", async () => {
    for (const { email } of [targets.kari, targets.eva])
      await stage.gateway.query("{ me { id } }", {}, { as: email, strongly: true });
    await expectAll("findDataSubjects");
  }, 60_000);
});

describe("what the law keeps", () => {
  const everything = async () => {
    const tables = ["kontakt", "ordre", "ordrelinje", "retur", "samtale"];
    const rows: unknown[][] = [];
    for (const table of tables) rows.push((await crm.query(`select * from ${table} order by 1`)).rows);
    return rows;
  };
  const supportSees = async () => {
    const { data, errors } = await stage.attack(
      { as: "support@intech.example" },
      {
        document: "query ($id: ID!) { dataSubject(id: $id, purpose: ORDER_FULFILMENT) { crm { name } } }",
        variables: { id: stage.personOf(targets.kari).id },
      },
    );
    return errors?.[0]?.extensions.code ?? data;
  };

  const asLetter = async (kind: string) => {
    const { request } = await change(dpo.as, "registerRequest", {
      kind,
      channel: "POST",
      receivedAt: new Date(Date.now() - 60_000).toISOString(),
      identifiers: [{ kind: "CUSTOMER_NUMBER", value: before.kundenr }],
      identityEstablishedBy: "Ringte tilbake",
    });
    return { subjectId: stage.personOf(targets.kari).id, requestId: request?.id };
  };

  interface Way {
    readonly what: string;
    readonly mutation: string;
    readonly input: () => object;
    /** Undefined: it is done, and does not concern what is kept. */
    readonly rule?: string;
  }
  const ways: readonly Way[] = [
    ...["NAME", "POSTAL_ADDRESS", "PHONE", "EMAIL", "JOB_TITLE", "ORGANISATION"].flatMap((field): Way[] => {
      const value = { EMAIL: "ny.kari@example.com", PHONE: "+4790909090" }[field] ?? "Noe annet";
      return [
        {
          what: `a correction of ${field}`,
          mutation: "rectify",
          input: () => ({ changes: [{ field, value }] }),
          rule: "KEPT_BY_LAW",
        },
        {
          what: `a correction of ${field} there`,
          mutation: "rectify",
          input: () => ({ changes: [{ field, value, sources: ["crm"] }] }),
          rule: "KEPT_BY_LAW",
        },
      ];
    }),
    { what: "a restriction", mutation: "restrictProcessing", input: () => ({ reason: "Fordi" }) },
    { what: "an end to it there", mutation: "liftRestriction", input: () => ({ sources: ["crm"] }) },
    { what: "a restriction again", mutation: "restrictProcessing", input: () => ({ reason: "Derfor" }) },
    { what: "an end to it", mutation: "liftRestriction", input: () => ({}) },
    {
      what: "a yes to adverts",
      mutation: "setConsent",
      input: () => ({ purpose: "PURCHASE_BASED_MARKETING", given: true }),
    },
    {
      what: "a yes to newsletters",
      mutation: "setConsent",
      input: () => ({ purpose: "NEWSLETTER", given: true }),
    },
    {
      what: "a statement",
      mutation: "addStatement",
      input: () => ({ source: "crm", recordType: "orders", text: "Varen kom aldri" }),
    },
    {
      what: "an objection",
      mutation: "objectToProcessing",
      input: () => ({ purpose: "PURCHASE_BASED_MARKETING" }),
    },
  ];

  test.each([
    ["the person", async () => ({ as: targets.kari.email, whom: {} })],
    ["the DPO, on a letter", async () => ({ as: dpo.as, whom: await asLetter("RESTRICTION") })],
  ])(
    "stays as it is, and restricted, whatever %s asks for",
    async (_, who) => {
      const kept = await everything();
      for (const { what, mutation, input, rule } of ways) {
        const { as, whom } = await who();
        const answer = await change(as, mutation, { ...whom, ...input() });
        expect([what, answer.rule]).toEqual([what, rule]);
        if (answer.request) await settled(answer.request.id);
        expect([what, await supportSees()]).toEqual([what, "PROCESSING_RESTRICTED"]);
        expect([what, await everything()]).toEqual([what, kept]);
      }
    },
    120_000,
  );

  test("is said not to be correctable", async () => {
    const { data } = await stage.attack(
      { as: targets.kari.email },
      { document: "{ me { profile { name { heldBy { source value rectifiable } } } } }", variables: {} },
    );
    expect(data).toEqual({
      me: { profile: { name: { heldBy: [{ source: "crm", value: before.navn, rectifiable: false }] } } },
    });
  });

  test("is nobody else's when the DPO has taken the link away: it waits to be decided", async () => {
    const { id } = stage.personOf(targets.kari);
    const kept = await everything();
    await stage.attack(dpo, {
      document: `mutation ($id: ID!) { unlinkIdentity(input: { subjectId: $id, source: "crm", because: "Feil" }) { __typename } }`,
      variables: { id },
    });
    const open: Json[] = [];
    for (const seeker of seekers) {
      const { data } = await find(seeker, "CUSTOMER_NUMBER", before.kundenr);
      for (const match of data?.findDataSubjects ?? []) {
        const { subject } = match as { readonly subject: { readonly id: string } };
        const answer = await stage.attack(seeker.caller, {
          document: "query ($id: ID!, $p: Purpose!) { dataSubject(id: $id, purpose: $p) { crm { name } } }",
          variables: { id: subject.id, p: seeker.purpose },
        });
        expect(answer.text).not.toContain(before.navn);
        open.push(match);
      }
    }
    expect(open.length).toBeGreaterThan(0);
    expect(await everything()).toEqual(kept);
  }, 60_000);
});
