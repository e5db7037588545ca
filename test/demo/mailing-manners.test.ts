import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { byEmail, startMailing, type TestMailing } from "./mailing-process.ts";

const kari = "kari.nordmann@example.com";
const path = `/subscribers?${new URLSearchParams({ query: byEmail(kari) })}`;
let mailing: TestMailing;
beforeAll(async () => {
  mailing = await startMailing();
});
afterEach(() => mailing.admin("DELETE"));
afterAll(() => mailing[Symbol.asyncDispose]());

async function behave(manner: string, options: object = {}): Promise<void> {
  expect((await mailing.admin("POST", { manner, ...options })).status).toBe(200);
}

test("says which manners are on, refuses unknown ones, and forgets them", async () => {
  await behave("slow", { ms: 1 });
  await behave("null-as-false");
  const shown = async () => ((await (await mailing.admin("GET")).json()) as { data: unknown }).data;
  expect(await shown()).toEqual([{ manner: "slow", ms: 1 }, { manner: "null-as-false" }]);
  expect((await mailing.admin("POST", { manner: "polite" })).status).toBe(400);
  expect((await mailing.admin("POST", { manner: "slow", ms: "long" })).status).toBe(400);
  await mailing.admin("DELETE");
  expect(await shown()).toEqual([]);
});

test("slow", async () => {
  await behave("slow", { ms: 300 });
  const start = performance.now();
  await mailing.search(byEmail(kari));
  expect(performance.now() - start).toBeGreaterThan(290);
});

test("error-500", async () => {
  await behave("error-500");
  expect((await mailing.api(path)).status).toBe(500);
});

test("malformed-json", async () => {
  await behave("malformed-json");
  const answer = await mailing.api(path);
  expect(answer.status).toBe(200);
  await expect(answer.json()).rejects.toThrow(SyntaxError);
});

test("half-page", async () => {
  await behave("half-page");
  const answer = await mailing.api(path);
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow("terminated");
});

test("failure-in-200", async () => {
  await behave("failure-in-200");
  const answer = await mailing.api(path);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ message: expect.any(String) });
  await behave("failure-in-200", { body: "false" });
  expect(await (await mailing.api(path)).json()).toBe(false);
});

const named = (name: string): RequestInit => ({
  method: "PATCH",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ name }),
});
const kariNow = async () => (await mailing.search(byEmail(kari))).results[0];

test("ignore-writes: says yes to a change, and does nothing", async () => {
  const before = await kariNow();
  await behave("ignore-writes");
  expect((await mailing.api(`/subscribers/${before?.id}`, named("Other Name"))).status).toBe(200);
  expect((await mailing.api(`/subscribers/${before?.id}`, { method: "DELETE" })).status).toBe(200);
  expect(await kariNow()).toEqual(before);
});

test("write-500-once: does the next change, answers 500, and is well again", async () => {
  const before = await kariNow();
  await behave("write-500-once");
  expect((await kariNow())?.name).toBe(before?.name);
  expect((await mailing.api(`/subscribers/${before?.id}`, named("Other Name"))).status).toBe(500);
  expect((await kariNow())?.name).toBe("Other Name");
  expect((await mailing.api(`/subscribers/${before?.id}`, named(before?.name ?? ""))).status).toBe(200);
  expect((await kariNow())?.name).toBe(before?.name);
});

test("404-for-empty", async () => {
  await behave("404-for-empty");
  expect((await mailing.api(path)).status).toBe(200);
  expect((await mailing.api(path.replace("kari", "nobody"))).status).toBe(404);
});

test("empty-for-lack-of-rights", async () => {
  await behave("empty-for-lack-of-rights");
  const answer = await mailing.api(path);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    data: { results: [], total: 0 },
  });
});

test("missing-field", async () => {
  await behave("missing-field", { field: "status" });
  const { results } = await mailing.search(byEmail(kari));
  expect(results[0]).toMatchObject({ email: kari });
  expect(results[0]).not.toHaveProperty("status");
});

test("null-as-false", async () => {
  const { results } = await mailing.search(byEmail("stor.leser@example.com"));
  const deliveries = `/subscribers/${results[0]?.id}/deliveries`;
  expect(await (await mailing.api(deliveries)).text()).toContain('"opened_at":null');
  await behave("null-as-false");
  const text = await (await mailing.api(deliveries)).text();
  expect(text).toContain('"opened_at":false');
  expect(text).not.toContain("null");
});

test("wildcard-match: other people come along", async () => {
  await behave("wildcard-match");
  const emails = async (email: string) =>
    (await mailing.search(byEmail(email))).results.map((found) => found.email);
  expect((await emails(kari)).toSorted()).toEqual(["anne-kari.nordmann@example.com", kari]);
  expect(await emails("kari_nordmann@example.com")).toEqual(
    expect.arrayContaining([kari, "kari_nordmann@example.com"]),
  );
  expect(await emails("*leser*")).toEqual(["stor.leser@example.com"]);
});

test("case-sensitive: other spellings are missed", async () => {
  const bjorn = byEmail("bjørn.østby@example.com");
  expect((await mailing.search(bjorn)).total).toBe(1);
  await behave("case-sensitive");
  expect((await mailing.search(bjorn)).total).toBe(0);
  expect((await mailing.search(byEmail(kari))).total).toBe(1);
});

test("rate-limited", async () => {
  await behave("rate-limited", { retryAfter: 7 });
  const answer = await mailing.api(path);
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("7");
});

test("two-members, and ids as strings", async () => {
  await behave("two-members", { email: kari });
  await behave("integer-ids-as-strings");
  const { results, total } = await mailing.search(byEmail(kari));
  expect(total).toBe(2);
  expect(results.map(({ email }) => email)).toEqual([kari, kari.toUpperCase()]);
  expect(results.map(({ id }) => typeof id)).toEqual(["string", "string"]);
  expect((await mailing.search(byEmail("kanarifugl@example.com"))).total).toBe(1);
});
