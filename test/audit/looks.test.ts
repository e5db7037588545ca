import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../http/server-fixture.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());
/** The trail is only ever added to: what is older than the test is left out. */
let newest = "0";
beforeEach(async () => {
  const [row] = await gateway.rows<{ newest: string }>(
    "select coalesce(max(sequence), 0) as newest from audit_entry",
  );
  newest = row?.newest ?? "0";
});

interface Row {
  readonly event: string;
  readonly actor_role: string | null;
  readonly subject_ref: string | null;
  readonly purpose: string | null;
  readonly request_id: string;
  readonly coordinates: readonly string[];
  readonly categories: readonly string[];
  readonly sources: readonly string[];
}
const entries = () =>
  gateway.rows<Row>("select * from audit_entry where sequence > $1 order by sequence", [newest]);
const kari = { as: "kari.nordmann@example.com" };
const look = "{ me { id crm { email } } }";

test("a look is one entry: coordinates and categories, the person by a pseudonym, no value", async () => {
  const { headers, data } = await gateway.query<{ me: { id: string } }>(look, {}, kari);
  const rows = await entries();
  expect(rows).toMatchObject([
    {
      event: "READ",
      actor_role: "SUBJECT",
      subject_ref: data?.me.id,
      purpose: "DATA_SUBJECT_RIGHTS",
      request_id: headers.get("x-request-id"),
      coordinates: ["DataSubject.crm", "CustomerRecord.email"],
      categories: ["CONTACT"],
    },
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/kari|nordmann|@/i);
});

test.each([
  ["says nothing of a person", "{ me { id notice { policyVersion } } }", kari],
  ["anybody may see", "{ controller { name } }", {}],
  ["is nobody's", "{ me { id } }", { as: "dpo@intech.example" }],
  ["is the schema itself", "{ __schema { queryType { name } } }", kari],
  [
    "was never read, the page being too large",
    "{ me { mailing { deliveries(first: 501) { edges { cursor } } } } }",
    kari,
  ],
  ["was never read, nobody being signed in", look, {}],
])("what %s is no look", async (_, document, asked) => {
  await gateway.query(document, {}, asked);
  expect(await entries()).toEqual([]);
});

test("what was never read, a variable being of the wrong type, is no look", async () => {
  const document = "query ($n: Int) { me { mailing { deliveries(first: $n) { edges { cursor } } } } }";
  const { status } = await gateway.query(document, { n: "many" }, kari);
  expect(status).toBe(400);
  expect(await entries()).toEqual([]);
});

test("a refused look is recorded, with the role and what was asked for", async () => {
  const { status } = await gateway.query(look, {}, { as: "marketing@intech.example" });
  expect(status).toBe(403);
  expect(await entries()).toMatchObject([
    {
      event: "REFUSED",
      actor_role: "MARKETING",
      subject_ref: null,
      coordinates: ["DataSubject.crm", "CustomerRecord.email"],
    },
  ]);
});

test("a look through two roots is recorded for each", async () => {
  await gateway.query("{ a: me { crm { email } } b: me { learning { name } } }", {}, kari);
  expect((await entries()).map(({ sources }) => sources)).toEqual([["crm"], ["learning"]]);
});

describe("where the look cannot be recorded", () => {
  const withheld = async (as: string) => {
    const { status, text, data, errors } = await gateway.query(
      look,
      {},
      { as, headers: { "accept-language": "nn" } },
    );
    expect(status).toBe(503);
    expect(data ?? null).toBeNull();
    expect(text).not.toMatch(/nordmann|berg/i);
    expect(errors).toEqual([
      {
        message: expect.stringContaining("Noko gjekk gale"),
        extensions: { code: "INTERNAL", reference: expect.any(String) },
      },
    ]);
    return String(errors?.[0]?.extensions["reference"]);
  };

  test.each([
    [
      "the table is gone",
      "ola.nordmann@example.com",
      "alter table audit_entry rename to gone",
      "alter table gone rename to audit_entry",
    ],
    [
      "the insert is refused",
      "anne.berg@example.com",
      "alter table audit_entry add constraint no check (false) not valid",
      "alter table audit_entry drop constraint no",
    ],
    [
      "the sign-ins cannot be read",
      "per.berg@example.com",
      "alter table sign_in rename to gone",
      "alter table gone rename to sign_in",
    ],
  ])("%s: the response is withheld, and the log has its reference", async (_, as, breaks, mends) => {
    await gateway.rows(breaks);
    try {
      // Somebody who has not been here before: a person found is remembered for a minute.
      const reference = await withheld(as);
      await until(() => gateway.lines.some((line) => line.includes(reference)));
      // A refusal that cannot be recorded gives nothing away either.
      const refused = await gateway.query(look, {}, { as: "support@intech.example" });
      expect(refused.data ?? null).toBeNull();
    } finally {
      await gateway.rows(mends);
    }
    expect((await gateway.query(look, {}, kari)).status).toBe(200);
  });
});

test("a thousand looks at once are a thousand entries", async () => {
  await gateway.token(kari.as);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => gateway.query(look, {}, kari)));
  expect(answers.filter(({ status, errors }) => status === 200 && errors === undefined)).toHaveLength(1_000);
  const rows = await entries();
  expect(new Set(rows.map(({ request_id }) => request_id)).size).toBe(1_000);
  expect(rows).toHaveLength(1_000);
}, 60_000);

test("a client that hangs up leaves no answer without its entry, and the gateway goes on", async () => {
  const authorization = `Bearer ${await gateway.token(kari.as)}`;
  const hangUp = async (milliseconds: number) => {
    const init = {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ query: look }),
    };
    return gateway.send({ ...init, signal: AbortSignal.timeout(milliseconds) }).then(
      () => true,
      () => false,
    );
  };
  const answered = await Promise.all(Array.from({ length: 200 }, (_, i) => hangUp(i % 40)));
  expect(answered).toContain(false);
  expect((await entries()).length).toBeGreaterThanOrEqual(answered.filter(Boolean).length);
  expect((await gateway.query(look, {}, kari)).errors).toBeUndefined();
});

test("what is worked out from every system names those that hold the person", async () => {
  const find = `query ($purpose: Purpose!, $value: String!) {
    findDataSubjects(identifier: { kind: EMAIL, value: $value }, purpose: $purpose) { subject { id } sources } }`;
  const searched = async (as: string, purpose: string, value: string) => {
    await gateway.query(find, { purpose, value }, { as });
    return [...((await entries()).at(-1)?.sources ?? [])].sort();
  };
  const dpo = "dpo@intech.example";
  expect(await searched(dpo, "DATA_SUBJECT_RIGHTS", "ola.nordmann@example.com")).toEqual([
    "events",
    "learning",
  ]);
  expect(await searched("support@intech.example", "CUSTOMER_SUPPORT", kari.as)).toEqual(["crm", "website"]);
  await gateway.query("{ me { holdings { source } } }", {}, { as: "eva.enebo@example.com" });
  expect((await entries()).at(-1)?.sources).toEqual(["mailing"]);
});
