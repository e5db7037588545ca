import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
const metric = async (name: string) =>
  Number(new RegExp(`^${name} (.+)$`, "m").exec(await metrics())?.[1] ?? Number.NaN);

test("the metrics tell of entries by event, seals, and what waits; without the database, of the others", async () => {
  const look = "{ me { crm { email } } }";
  await gateway.query(look, {}, { as: "kari.nordmann@example.com" });
  await gateway.query(look, {}, { as: "marketing@intech.example" });
  await expect.poll(() => metric("innsyn_audit_unsealed")).toBe(0);
  expect(await metric('innsyn_audit_entries_total{event="READ"}')).toBe(1);
  expect(await metric('innsyn_audit_entries_total{event="REFUSED"}')).toBe(1);
  const seals = await metric("innsyn_audit_seals_total");
  expect([1, 2]).toContain(seals);
  await gateway.rows("alter table audit_unsealed rename to gone");
  try {
    expect(await metric("innsyn_audit_unsealed")).toBeNaN();
    expect(await metric("innsyn_audit_seals_total")).toBe(seals);
  } finally {
    await gateway.rows("alter table gone rename to audit_unsealed");
  }
});

test("a seal that fails is in the log, with no value", async () => {
  await gateway.rows("alter table audit_seal rename to gone");
  try {
    await gateway.query("{ me { crm { email } } }", {}, { as: "kari.nordmann@example.com" });
    await expect.poll(() => gateway.lines.join("")).toContain("the audit trail could not be sealed");
  } finally {
    await gateway.rows("alter table gone rename to audit_seal");
  }
  expect(gateway.lines.join("")).not.toMatch(/kari|nordmann/i);
});
