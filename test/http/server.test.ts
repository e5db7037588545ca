import { request } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { httpSettings } from "../../src/http/settings.ts";
import { start } from "./server-fixture.ts";

const json = { "content-type": "application/json" };

async function errorOf(
  answer: Response,
): Promise<{ message: string; extensions: { code: string; reference?: string } }> {
  const { errors } = (await answer.json()) as { errors: [Awaited<ReturnType<typeof errorOf>>] };
  expect(errors).toHaveLength(1);
  return errors[0];
}

/** Sends bytes that fetch would refuse to send, and reads all that comes back. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket.setEncoding("utf8");
    socket.on("data", (part) => (answer += part));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

test("a query is answered by POST, and by GET where a page of another site could not have sent it", async () => {
  await using gateway = await start();
  expect(await (await gateway.post("{ hello }")).json()).toEqual({ data: { hello: "hei" } });
  const address = `${gateway.url}/graphql?query=${encodeURIComponent("{ hello }")}`;
  expect((await fetch(address)).status).toBe(400);
  const answer = await fetch(address, { headers: { "apollo-require-preflight": "1" } });
  expect(await answer.json()).toEqual({ data: { hello: "hei" } });
});

test("a body that is too large is refused before it is read as JSON", async () => {
  await using gateway = await start();
  const answer = await gateway.post(`{ hello } #${"x".repeat(100_000)}`);
  expect(answer.status).toBe(413);
  expect((await errorOf(answer)).extensions.code).toBe("LIMIT_EXCEEDED");
});

test.each([
  ["no JSON", "{", json, 400],
  ["nothing", "", json, 400],
  ["a prototype", '{"__proto__":{"a":1}}', json, 400],
  ["plain text", "{ hello }", { "content-type": "text/plain" }, 415],
  ["a form", "query={hello}", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ["a file upload", "--x--", { "content-type": "multipart/form-data; boundary=x" }, 415],
])("a body of %s is bad input in GraphQL's shape", async (_, body, headers, status) => {
  await using gateway = await start();
  const answer = await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body });
  expect(answer.status).toBe(status);
  const error = await errorOf(answer);
  expect(error.extensions).toEqual({ code: "BAD_USER_INPUT" });
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
});

test("an unknown route names nothing", async () => {
  await using gateway = await start();
  for (const [method, path] of [
    ["GET", "/users/kari"],
    ["PUT", "/graphql"],
    ["DELETE", "/"],
    ["GET", "/graphiql"],
  ]) {
    const answer = await fetch(`${gateway.url}${path}`, { method: method! });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe(
      '{"errors":[{"message":"Not found","extensions":{"code":"NOT_FOUND"}}]}',
    );
  }
});

test("refusals come in the language asked for", async () => {
  await using gateway = await start();
  const messages = ["nb", "nn-NO", "en", "fi"].map(async (language) => {
    const answer = await fetch(`${gateway.url}/nowhere`, { headers: { "accept-language": language } });
    return ((await answer.json()) as { errors: { message: string }[] }).errors[0]?.message;
  });
  expect(await Promise.all(messages)).toEqual([
    "Det finnes ikke",
    "Det finst ikkje",
    "Not found",
    "Not found",
  ]);
});

test("an address or host that cannot be read is refused, counted and not repeated", async () => {
  await using gateway = await start();
  const address = await raw(
    gateway.url,
    "GET /%E0%A4%A?kari HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  );
  expect(address).toMatch(/^HTTP\/1.1 400 /);
  expect(address).toContain('"code":"BAD_USER_INPUT"');
  expect(address).not.toContain("kari");
  const host = await raw(
    gateway.url,
    `POST /graphql HTTP/1.1\r\nHost: kari nordmann\r\nContent-Type: application/json\r\nContent-Length: 19\r\nConnection: close\r\n\r\n{"query":"{hello}"}`,
  );
  expect(host).toMatch(/^HTTP\/1.1 400 /);
  expect(host).not.toContain("kari");
  expect(gateway.lines).toHaveLength(2);
});

test("every answer carries a request id of ours, and headers that keep it to the one who asked", async () => {
  await using gateway = await start();
  const answers = [
    await gateway.post("{ hello }", { headers: { "x-request-id": "chosen-by-caller" } }),
    await fetch(`${gateway.url}/nowhere`),
    await fetch(`${gateway.url}/health/live`),
  ];
  for (const { headers } of answers) {
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get("server")).toBeNull();
    expect(headers.get("x-powered-by")).toBeNull();
  }
});

test("a request id is taken over only from a trusted proxy, and only if it is one", async () => {
  await using gateway = await start({ trustRequestId: true });
  const ask = async (id: string) =>
    (await gateway.post("{ hello }", { headers: { "x-request-id": id } })).headers.get("x-request-id");
  expect(await ask("0123-abcdef")).toBe("0123-abcdef");
  expect(await ask("kari@example.com")).toMatch(/^[0-9a-f]{8}-/);
});

test("pages of other sites may not call, unless their origin is configured", async () => {
  const origin = "https://min-side.example";
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
  };
  {
    await using closed = await start();
    const preflight = await fetch(`${closed.url}/graphql`, { method: "OPTIONS", headers });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
  }
  await using open = await start({ corsOrigins: [origin] });
  const preflight = await fetch(`${open.url}/graphql`, { method: "OPTIONS", headers });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
  expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  const stranger = await open.post("{ hello }", { headers: { origin: "https://evil.example" } });
  expect(stranger.headers.get("access-control-allow-origin")).toBeNull();
  expect(
    (await fetch(`${open.url}/metrics`, { headers: { origin } })).headers.get("access-control-allow-origin"),
  ).toBeNull();
});

test("settings refuse an origin that is a pattern or an address", () => {
  for (const origin of ["*", "https://a.example/path", "a.example"]) {
    expect(httpSettings.safeParse({ corsOrigins: [origin] }).success).toBe(false);
  }
  expect(httpSettings.parse({})).toMatchObject({ host: "127.0.0.1", bodyLimit: 100_000, graphiql: null });
});

test("a client that leaves in the middle of its body harms nobody", async () => {
  await using gateway = await start();
  await new Promise<void>((resolve) => {
    const leaving = request(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { ...json, "content-length": 1000 },
    });
    leaving.on("error", () => resolve());
    leaving.write('{"query":');
    setTimeout(() => leaving.destroy(), 20);
  });
  expect((await gateway.post("{ hello }")).status).toBe(200);
});
