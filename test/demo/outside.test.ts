import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMailer } from "../../src/connectors/smtp.ts";
import { type OutsideAdmin, outsideAdmin } from "../../src/demo/outside/admin.ts";
import { Shelf } from "../../src/demo/outside/process/shelf.ts";
import { type OutsideAccess, startOutside } from "../../src/demo/outside/start.ts";
import type { Child } from "../../src/demo/process/parent.ts";

const secrets = {
  partnerToken: "partner-s3cret",
  mailUser: { user: "innsyn", password: "p@:/ %" },
  adminToken: "admin-s3cret",
};

let child: Child<OutsideAccess>;
let admin: OutsideAdmin;
beforeAll(async () => {
  child = await startOutside(0, secrets);
  admin = outsideAdmin(child.ready.url, secrets.adminToken);
});
afterAll(() => child.stop());

const at = "2026-03-05T12:00:00.000Z";
const noticeOf = (id: string) => ({
  id,
  event: "OBJECTION",
  at,
  identifiers: [{ kind: "EMAIL", value: "k@x.no" }],
});

async function post(body: object, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const key = "id" in body ? { "idempotency-key": String(body.id) } : {};
  const answer = await fetch(`${child.ready.url}/notices`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${secrets.partnerToken}`,
      "content-type": "application/json",
      ...key,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return answer.status;
}

const page = async () => {
  const answer = await fetch(child.ready.url);
  return { headers: answer.headers, html: await answer.text() };
};

function mailerOf(smtpUrl = child.ready.smtpUrl) {
  const mailer = createMailer(
    { smtp: { url: smtpUrl, unencrypted: false, timeLimit: 5_000 }, from: "intech@intech.no" },
    "Intech AS",
  );
  return (id: string, subject: string, text = "Hei") =>
    mailer.send({ id, to: "kari@example.com", subject, text }, { signal: AbortSignal.timeout(5_000) });
}

describe("the partner", () => {
  test("keeps one notice of each id, and counts how often it came", async () => {
    expect(await post(noticeOf("1"))).toBe(201);
    expect(await post(noticeOf("2"))).toBe(201);
    expect(await post({ ...noticeOf("1"), event: "ERASURE" })).toBe(200);
    expect(await admin.notices()).toEqual([
      { ...noticeOf("1"), deliveries: 2 },
      { ...noticeOf("2"), deliveries: 1 },
    ]);
  });

  test("takes notices from whom it knows, and only whole ones", async () => {
    const before = await admin.notices();
    expect(await post(noticeOf("3"), { authorization: "Bearer other" })).toBe(401);
    expect(await post(noticeOf("3"), { "idempotency-key": "4" })).toBe(400);
    for (const left of ["id", "event", "at", "identifiers"]) {
      const part = Object.entries(noticeOf("3")).filter(([name]) => name !== left);
      expect(await post(Object.fromEntries(part)), left).toBe(400);
    }
    expect(await post({ ...noticeOf("3"), at: "yesterday" })).toBe(400);
    expect(await post({ ...noticeOf("3"), changes: [{ value: "+4740000009" }] })).toBe(400);
    expect(await admin.notices()).toEqual(before);
  });

  test("can be switched off and on", async () => {
    await admin.open("partner", false);
    expect(await post(noticeOf("5"))).toBe(503);
    await admin.open("partner", true);
    expect(await post(noticeOf("5"))).toBe(201);
  });
});

describe("the mail server and its mailbox", () => {
  test("shows the newest message first, once, as text", async () => {
    const send = mailerOf();
    await send("a", "Fyrste");
    await send("b", '<script>alert("1")</script>', "<img src=x onerror=alert(1)> & 'blåbær'");
    await send("a", "Fyrste");
    const { html, headers } = await page();
    expect(html.match(/<h2>.*<\/h2>/g)).toEqual([
      "<h2>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</h2>",
      "<h2>Fyrste</h2>",
    ]);
    expect(html).toContain("<pre>&lt;img src=x onerror=alert(1)&gt; &amp; &#39;blåbær&#39;</pre>");
    expect(html).toContain("To kari@example.com, from intech@intech.no");
    expect(html).not.toMatch(/<script|<img|<link|https?:/);
    const style = createHash("sha256").update(html.match(/<style>([^]*)<\/style>/)?.[1] ?? "");
    expect(headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${style.digest("base64")}'; frame-ancestors 'none'`,
    );
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await admin.mails()).toMatchObject([
      { id: "<a@intech.no>", to: "kari@example.com", subject: "Fyrste", text: "Hei", deliveries: 2 },
      { id: "<b@intech.no>", deliveries: 1 },
    ]);
  });

  test("takes messages from whom it knows, up to a size, while it is on", async () => {
    const before = await admin.mails();
    const strange = mailerOf(child.ready.smtpUrl.replace("innsyn:", "other:"));
    await expect(strange("c", "Hei")).rejects.toMatchObject({ reason: "FAILED", cause: { code: 535 } });
    const nobody = mailerOf(`smtp://127.0.0.1:${new URL(child.ready.smtpUrl).port}`);
    await expect(nobody("c", "Hei")).rejects.toMatchObject({ reason: "FAILED", cause: { code: 530 } });
    const send = mailerOf();
    await expect(send("c", "Hei", "x".repeat(2_000_000))).rejects.toMatchObject({ cause: { code: 552 } });
    await admin.open("mail", false);
    await expect(send("c", "Hei")).rejects.toMatchObject({ reason: "UNREACHABLE", cause: { code: 421 } });
    expect(await admin.mails()).toEqual(before);
    await admin.open("mail", true);
    await send("c", "Hei");
    expect(await admin.mails()).toHaveLength(before.length + 1);
  });
});

test("what came, and the switches, are for whoever has the token", async () => {
  const stranger = outsideAdmin(child.ready.url, "other");
  for (const attempt of [
    () => stranger.notices(),
    () => stranger.mails(),
    () => stranger.open("mail", false),
  ])
    await expect(attempt()).rejects.toThrow("401");
  const nonsense = await fetch(`${child.ready.url}/admin/open`, {
    method: "PUT",
    headers: { authorization: `Bearer ${secrets.adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ part: "gateway", open: false }),
  });
  expect(nonsense.status).toBe(400);
});

test("of what comes so much is kept and no more: the oldest goes", () => {
  const shelf = new Shelf<{ readonly name: string }>(2);
  expect(["a", "b", "a", "c"].map((id) => shelf.put(id, { name: id }))).toEqual([true, true, false, true]);
  expect(shelf.list()).toEqual([
    { name: "b", deliveries: 1 },
    { name: "c", deliveries: 1 },
  ]);
});

test("it ends at once when it is stopped, whoever is still connected", async () => {
  const other = await startOutside(0, secrets);
  const [http, smtp] = [new URL(other.ready.url), new URL(other.ready.smtpUrl)];
  const sockets = [http, smtp].map(({ port }) => connect(Number(port), "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const socket of sockets) socket.on("error", () => undefined);
  const began = performance.now();
  await other.stop();
  expect(await other.exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(3_000);
  for (const socket of sockets) socket.destroy();
});

test("the port that it prefers is taken: it finds another", async () => {
  const taken = Number(new URL(child.ready.url).port);
  const other = await startOutside(taken, secrets);
  expect(new URL(other.ready.url).port).not.toBe(String(taken));
  await other.stop();
});
