import { afterAll, beforeAll, expect, test } from "vitest";
import { PolicyContradiction, publishConfigured } from "../../src/requests/configured-policies.ts";
import { createPrivacyPolicies } from "../../src/requests/policies.ts";
import { migrate, openStore, type Store } from "../../src/store/store.ts";
import { dbOf } from "../../src/store/tables.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await testDatabase("gateway");
  store = await openStore({ url: database.url });
  await migrate(store);
});
afterAll(async () => {
  await store.close(true);
  await database[Symbol.asyncDispose]();
});

const policy = (version: string, more: object = {}) => ({
  version,
  publishedAt: new Date(version),
  text: `Erklæring ${version}`,
  language: "nb",
  changes: null,
  requiresConsent: false,
  ...more,
});
const old = policy("2018-05-30");
const newer = policy("2020-01-01");
const tomorrow = policy("2999-01-01");
const inForce = async () => (await createPrivacyPolicies(dbOf(store)).current()).version;

test("a configuration that has published nothing yet does not start", async () => {
  await expect(publishConfigured(store, [tomorrow])).rejects.toThrow(PolicyContradiction);
  expect(await dbOf(store).selectFrom("privacy_policy").select("version").execute()).toEqual([]);
});

test("versions of the configuration are published once, by however many replicas, in their order", async () => {
  await Promise.all(Array.from({ length: 5 }, () => publishConfigured(store, [old, newer])));
  const policies = createPrivacyPolicies(dbOf(store));
  expect((await policies.headings()).map(({ version }) => version)).toEqual(["2020-01-01", "2018-05-30"]);
  expect(await policies.find("2018-05-30")).toEqual({ ...old, tellsPersons: false });
});

test("one whose day has not come is not in force, and nobody sees it", async () => {
  await publishConfigured(store, [old, newer, tomorrow]);
  expect(await inForce()).toBe("2020-01-01");
  expect(await createPrivacyPolicies(dbOf(store)).find("2999-01-01")).toBeNull();
});

test("one that is not in the configuration any more is there still, and in force", async () => {
  await publishConfigured(store, [old]);
  expect(await inForce()).toBe("2020-01-01");
});

test.each([
  ["text", { text: "Noe annet" }],
  ["language", { language: "nn" }],
  ["need for consent", { requiresConsent: true }],
])("another %s under the name of what was published does not start, and changes nothing", async (_, more) => {
  const contradicting = publishConfigured(store, [policy("2018-05-30", more)]);
  await expect(contradicting).rejects.toThrow(/2018-05-30 .* a version of its own/);
  expect(await createPrivacyPolicies(dbOf(store)).find("2018-05-30")).toMatchObject(old);
});
