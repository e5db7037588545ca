import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Data {
  readonly auditIntegrity: {
    readonly intact: boolean;
    readonly entries: number;
    readonly firstBroken: string | null;
    readonly head: string;
  };
}
const document = "{ auditIntegrity { intact entries firstBroken head } }";
const ask = (as: string) => gateway.query<Data>(document, {}, { as });
const look = () => gateway.query("{ me { crm { name } } }", {}, { as: "kari.nordmann@example.com" });

test("auditors and the DPO verify the trail, and that they did is in it", async () => {
  await look();
  for (const as of ["auditor@intech.example", "dpo@intech.example"]) {
    const { data, errors } = await ask(as);
    expect(errors).toBeUndefined();
    expect(data?.auditIntegrity).toMatchObject({
      intact: true,
      firstBroken: null,
      head: expect.stringMatching(/^[\da-f]{64}$/),
    });
  }
  const entries = await gateway.rows(
    "select event, actor_role, detail from audit_entry where event = 'TRAIL_VERIFIED' order by sequence",
  );
  expect(entries).toEqual([
    { event: "TRAIL_VERIFIED", actor_role: "AUDITOR", detail: "INTACT" },
    { event: "TRAIL_VERIFIED", actor_role: "DPO", detail: "INTACT" },
  ]);
});

test.each(["support@intech.example", "kari.nordmann@example.com"])("%s may not", async (as) => {
  const { status, data, errors } = await ask(as);
  expect(status).toBe(403);
  expect(data ?? null).toBeNull();
  expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("a changed entry is named", async () => {
  await look();
  const [entry] = await gateway.rows<{ sequence: string }>(
    "select sequence from audit_entry where event = 'READ' order by sequence limit 1",
  );
  await gateway.rows("alter table audit_entry disable trigger all");
  await gateway.rows("update audit_entry set actor_role = 'SUPPORT' where sequence = $1", [entry?.sequence]);
  const { data } = await ask("auditor@intech.example");
  expect(data?.auditIntegrity).toMatchObject({ intact: false, firstBroken: entry?.sequence });
});
