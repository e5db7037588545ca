import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import {
  createRecipients,
  type NotifySettings,
  type RecipientSettings,
} from "../../src/connectors/recipients/http.ts";
import { outsideAdmin } from "../../src/demo/outside/admin.ts";
import { startOutside } from "../../src/demo/outside/start.ts";
import { safeError } from "../../src/http/safe-error.ts";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { Recipient, RecipientNotice } from "../../src/sources/recipient.ts";

const details: RecipientSettings = {
  name: "Meta",
  role: "PARTNER",
  country: "IE",
  purposes: ["PARTNER_MARKETING"],
  identifiedBy: ["EMAIL"],
  receives: ["PHONE"],
};
const bearer = { scheme: "bearer", token: "secret-token" } as const;
const notice: RecipientNotice = {
  id: "0199c8a0-0000-7000-8000-000000000001",
  event: "RECTIFICATION",
  at: new Date("2026-03-05T12:00:00Z"),
  purpose: "PARTNER_MARKETING",
  identifiers: [{ kind: "EMAIL", value: "kari.nordmann@example.com" }],
  changes: [{ field: "PHONE", value: "+4740000009" }],
};
const inTime = () => AbortSignal.timeout(5_000);

const open = new Set<Recipient>();
afterEach(async () => {
  await Promise.all([...open].map((recipient) => recipient.close()));
  open.clear();
});

function recipientAt(url: string, more: Partial<NotifySettings> = {}): Recipient {
  const notify = { url, authentication: bearer, timeLimit: 2_000, ...more };
  const [recipient] = createRecipients([{ ...details, notify }]);
  open.add(recipient!);
  return recipient!;
}

/** A real server that answers so. */
async function partner(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notices?of=innsyn`, server };
}

/** What the attempt was refused with; neither it nor what a log would say of it tells anything of the person. */
async function refusal(recipient: Recipient, signal = inTime()): Promise<SourceFailure> {
  const error: unknown = await recipient.tell(notice, { signal }).then(
    () => expect.fail("It was told."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SourceFailure)) throw error;
  const said = inspect([error, safeError(error)], { depth: 10, showHidden: true });
  for (const secret of ["kari", "40000009", "secret", "of=innsyn", "body of the answer"])
    expect(said).not.toContain(secret);
  return error;
}

const bodyOf = async (request: IncomingMessage) => JSON.parse(String(await request.toArray())) as unknown;

test("a notice is one POST of JSON, with its id as the idempotency key", async () => {
  const seen: unknown[] = [];
  const { url } = await partner(async (request, response) => {
    const { authorization, "idempotency-key": key, "content-type": type } = request.headers;
    seen.push({ method: request.method, url: request.url, authorization, key, type });
    seen.push(await bodyOf(request));
    response.writeHead(204).end();
  });
  await recipientAt(url).tell(notice, { signal: inTime() });
  expect(seen).toEqual([
    {
      method: "POST",
      url: "/notices?of=innsyn",
      authorization: "Bearer secret-token",
      key: notice.id,
      type: "application/json",
    },
    { ...notice, at: "2026-03-05T12:00:00.000Z" },
  ]);
});

test("what a notice does not say is left out, and nothing but what it says is sent", async () => {
  let body: unknown;
  const { url } = await partner(async (request, response) => {
    body = await bodyOf(request);
    response.end();
  });
  const identifier = { ...notice.identifiers[0]!, note: "not for them" };
  const { id, event, at } = notice;
  await recipientAt(url).tell({ id, event, at, identifiers: [identifier] }, { signal: inTime() });
  expect(body).toEqual({ id, event, at: at.toJSON(), identifiers: notice.identifiers });
});

test.each([
  ["basic", { scheme: "basic", user: "inn", password: "sýn" }, "authorization", "Basic aW5uOnPDvW4="],
  ["header", { scheme: "header", name: "X-Api-Key", value: "k3y" }, "x-api-key", "k3y"],
] as const)("it can be asked for by %s", async (_, authentication, header, value) => {
  let given: unknown;
  const { url } = await partner((request, response) => {
    given = request.headers[header];
    response.end();
  });
  await recipientAt(url, { authentication }).tell(notice, { signal: inTime() });
  expect(given).toBe(value);
});

test.each([
  ["200 and JSON", 200, '{"ok":true}'],
  ["200 and words", 200, "body of the answer"],
  ["201 and a list", 201, "[]"],
  ["202 and nothing", 202, ""],
  ["204", 204, ""],
])("%s: told", async (_, status, body) => {
  const { url } = await partner((_request, response) => response.writeHead(status).end(body));
  await recipientAt(url).tell(notice, { signal: inTime() });
});

test.each([301, 302, 303, 307, 308])(
  "%i is not followed: the notice goes where it is sent alone",
  async (status) => {
    let elsewhere = 0;
    const other = await partner((_request, response) => {
      elsewhere++;
      response.end();
    });
    const { url } = await partner((_request, response) =>
      response.writeHead(status, { location: other.url }).end(),
    );
    expect(await refusal(recipientAt(url))).toMatchObject({ reason: "FAILED" });
    expect(elsewhere).toBe(0);
  },
);

test.each([300, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 500, 502, 503])(
  "%i: not told",
  async (status) => {
    const { url } = await partner((_request, response) =>
      response.writeHead(status).end(status === 304 ? undefined : "body of the answer: kari"),
    );
    expect(await refusal(recipientAt(url))).toMatchObject({ reason: "FAILED", retryAt: undefined });
  },
);

describe("a partner that is busy says how long", () => {
  const inSeconds = (failure: SourceFailure) =>
    ((failure.retryAt?.getTime() ?? Number.NaN) - Date.now()) / 1_000;
  const busy = async (status: number, retryAfter?: string) => {
    let asked = 0;
    const { url } = await partner((_request, response) => {
      asked++;
      response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end();
    });
    return { recipient: recipientAt(url), asked: () => asked };
  };

  test("429 in seconds, and until then it is not asked again", async () => {
    const { recipient, asked } = await busy(429, "7");
    const first = await refusal(recipient);
    expect(first.reason).toBe("RATE_LIMITED");
    expect(inSeconds(first)).toBeGreaterThan(5);
    expect(inSeconds(first)).toBeLessThan(8);
    expect((await refusal(recipient)).retryAt).toEqual(first.retryAt);
    expect(asked()).toBe(1);
  });
  test("429 as a date", async () => {
    const { recipient } = await busy(429, new Date(Date.now() + 60_000).toUTCString());
    expect(inSeconds(await refusal(recipient))).toBeGreaterThan(55);
  });
  test("503 too", async () => {
    const { recipient } = await busy(503, "30");
    const failure = await refusal(recipient);
    expect(failure.reason).toBe("FAILED");
    expect(inSeconds(failure)).toBeGreaterThan(25);
  });
  test.each(["", "soon", "-5", "1e999", "1e300", "Thu, 01 Jan 1970 00:00:00 GMT"])(
    "Retry-After: %j is a moment within the hour all the same",
    async (retryAfter) => {
      for (const status of [429, 503]) {
        const { recipient } = await busy(status, retryAfter);
        const wait = inSeconds(await refusal(recipient));
        expect(wait).toBeGreaterThan(-1);
        expect(wait).toBeLessThanOrEqual(3_600);
      }
    },
  );
  test("429 without saying: a moment", async () => {
    const { recipient } = await busy(429);
    expect(inSeconds(await refusal(recipient))).toBeLessThan(2);
  });
});

describe("time", () => {
  test("a partner that answers 200 too late was not told, as far as we know", async () => {
    const { url } = await partner(async (_request, response) => {
      await delay(600);
      response.end();
    });
    const began = performance.now();
    expect(await refusal(recipientAt(url, { timeLimit: 150 }))).toMatchObject({ reason: "TIMED_OUT" });
    expect(performance.now() - began).toBeLessThan(550);
  });
  test("nor one whose answer does not come to an end", async () => {
    const { url } = await partner((_request, response) => response.writeHead(200).write("body of"));
    expect(await refusal(recipientAt(url, { timeLimit: 150 }))).toMatchObject({ reason: "TIMED_OUT" });
  });
  test("the caller's time goes before the recipient's", async () => {
    const { url } = await partner(() => undefined);
    expect(await refusal(recipientAt(url), AbortSignal.timeout(100))).toMatchObject({ reason: "TIMED_OUT" });
    expect(await refusal(recipientAt(url), AbortSignal.abort())).toMatchObject({ reason: "TIMED_OUT" });
  });
});

describe("no answer", () => {
  test("nobody listens", async () => {
    const { url, server } = await partner(() => undefined);
    server.close();
    expect(await refusal(recipientAt(url))).toMatchObject({ reason: "UNREACHABLE" });
  });
  test("no such host", async () => {
    expect(await refusal(recipientAt("http://partner.invalid/notices"))).toMatchObject({
      reason: "UNREACHABLE",
    });
  });
  test("hung up on", async () => {
    const { url } = await partner((request) => request.socket.destroy());
    expect(await refusal(recipientAt(url))).toMatchObject({ reason: "UNREACHABLE" });
  });
  test("hung up on in the middle of the answer", async () => {
    const { url } = await partner((request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("body of");
      setTimeout(() => request.socket.destroy(), 50);
    });
    expect(await refusal(recipientAt(url))).toMatchObject({ reason: "MALFORMED_ANSWER" });
  });
  test("an answer that is no HTTP", async () => {
    const { url } = await partner((request) => request.socket.end("body of the answer\r\n\r\n"));
    expect(await refusal(recipientAt(url))).toMatchObject({ reason: "MALFORMED_ANSWER" });
  });
});

test("told again, the demo's partner keeps one notice; a failed attempt does no harm", async () => {
  const child = await startOutside(0, {
    partnerToken: bearer.token,
    mailUser: { user: "u", password: "p" },
    adminToken: "a",
  });
  onTestFinished(() => child.stop());
  const recipient = recipientAt(`${child.ready.url}/notices`);
  const admin = outsideAdmin(child.ready.url, "a");
  await admin.open("partner", false);
  await refusal(recipient);
  await admin.open("partner", true);
  await recipient.tell(notice, { signal: inTime() });
  await recipient.tell(notice, { signal: inTime() });
  expect(await admin.notices()).toEqual([{ ...notice, at: notice.at.toISOString(), deliveries: 2 }]);

  const stranger = recipientAt(`${child.ready.url}/notices`, {
    authentication: { scheme: "bearer", token: "secret" },
  });
  expect(await refusal(stranger)).toMatchObject({ reason: "FAILED" });
});

test("whom no address is configured for must be told by staff", async () => {
  const [recipient] = createRecipients([details]);
  expect(recipient).toMatchObject({ name: "Meta", role: "PARTNER", country: "IE", reachable: false });
  expect(await refusal(recipient!)).toMatchObject({ reason: "UNREACHABLE" });
  await recipient?.close();
});

test("neither address nor credentials stand on the recipient itself, where they could be shown or logged", () => {
  const recipient = recipientAt("http://127.0.0.1:1/notices");
  expect(recipient).toMatchObject({ ...details, reachable: true });
  const said = inspect(recipient, { depth: 10, showHidden: true });
  for (const secret of ["secret-token", "127.0.0.1"]) expect(said).not.toContain(secret);
});
