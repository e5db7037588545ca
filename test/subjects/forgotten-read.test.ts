import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "../../src/store/tables.ts";
import { lockPerson } from "../../src/subjects/decision-rows.ts";
import { forgetPerson } from "../../src/subjects/forget.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";
import { dpo, idOf, support } from "../audit/access-log-harness.ts";
import { type Gateway, type Json, startGateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";
import { fill } from "./remembered.ts";

const kari = "kari.nordmann@example.com";

let gateway: Gateway;
let register: RegisterParts & AsyncDisposable;
beforeAll(async () => {
  gateway = await startGateway({ config: (config) => ({ ...config, accessLog: { employeeNames: true } }) });
  register = await openRegister(gateway);
});
afterAll(async () => {
  await register[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const person = `{
  holdings { source state }
  crm { statements { text } }
  consents { purpose status }
  restrictions { reason sources }
  objections { reason purpose }
  requests { edges { node { kind status steps { action state } timeline { event note } refusal { code message } } } }
  accessLog { edges { node { role employee } } }
}`;
const own = async () => {
  const { data, errors } = await gateway.query<{ me: Record<string, Json> }>(
    `{ me ${person} }`,
    {},
    { as: kari },
  );
  expect(errors).toBeUndefined();
  return data?.me;
};

test("whatever is read of somebody who was forgotten answers, without a word of before", async () => {
  const id = await idOf(gateway, kari);
  await gateway.query(
    "query ($id: ID!) { dataSubject(id: $id, purpose: CUSTOMER_SUPPORT) { crm { name } } }",
    { id },
    { as: support },
  );
  await fill(register, id);
  const before = JSON.stringify(await own());
  const told = ["Feil antall", "Bestridt", "Snakket med Kari", "Kari må gjøre opp først", "Sara Support"];
  for (const each of told) expect(before).toContain(each);

  await inTransaction(register.store, async (db) =>
    forgetPerson(db, register, await lockPerson(db, id), { keep: [] }),
  );
  const after = await own();
  for (const each of told) expect(JSON.stringify(after)).not.toContain(each);
  expect(after).toMatchObject({ restrictions: [], objections: [], crm: { statements: [] } });
  expect(after?.consents).toEqual(expect.arrayContaining([{ purpose: "NEWSLETTER", status: "WITHDRAWN" }]));
  expect(after?.requests).toEqual({
    edges: [
      {
        node: {
          kind: "ACCESS",
          status: "REFUSED",
          steps: [{ action: "RECTIFY", state: "DONE" }],
          timeline: [
            { event: "RECEIVED", note: null },
            { event: "NOTED", note: null },
          ],
          refusal: { code: "NO_LEGAL_GROUND", message: "" },
        },
      },
    ],
  });
  const { data, errors } = await gateway.query<{ dataSubject: Json }>(
    `query ($id: ID!) { dataSubject(id: $id, purpose: DATA_SUBJECT_RIGHTS) ${person} }`,
    { id },
    { as: dpo },
  );
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data)).toContain('"employee":null');
  for (const each of told) expect(JSON.stringify(data)).not.toContain(each);
});

test("the trail of it is intact", async () => {
  const { data } = await gateway.query("{ auditIntegrity { intact firstBroken } }", {}, { as: dpo });
  expect(data).toEqual({ auditIntegrity: { intact: true, firstBroken: null } });
});

test("a gateway without a journal of erasures says at its start what that means", () => {
  const said = gateway.lines.filter((line) => line.includes("ERASURE_JOURNAL"));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("after a restore from a backup nothing tells who has been erased since");
});
