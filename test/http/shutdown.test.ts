import { Agent, get } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { start, until } from "./server-fixture.ts";

const connections = (gateway: Awaited<ReturnType<typeof start>>) =>
  new Promise<number>((resolve, reject) =>
    gateway.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

test("a running request is answered, while new ones are not taken", async () => {
  await using gateway = await start();
  const slow = gateway.post("{ slow }");
  await until(() => gateway.app.server.listening);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = gateway.app.close();
  await until(() => !gateway.app.server.listening);
  await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow();
  gateway.release();
  const answer = await slow;
  expect(await answer.json()).toEqual({ data: { slow: "done" } });
  expect(answer.headers.get("connection")).toBe("close");
  const before = performance.now();
  await closed;
  expect(performance.now() - before).toBeLessThan(1_000);
});

test("idle connections that clients keep do not hold it open", async () => {
  await using gateway = await start();
  const agent = new Agent({ keepAlive: true });
  await new Promise<void>((resolve) =>
    get(`${gateway.url}/health/live`, { agent }, (answer) => answer.resume().on("end", resolve)),
  );
  expect(await connections(gateway)).toBe(1);
  const before = performance.now();
  await gateway.app.close();
  expect(performance.now() - before).toBeLessThan(1_000);
  agent.destroy();
});

test("a connection that never asks for anything does not hold it open", async () => {
  await using gateway = await start();
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await until(() => socket.readyState === "open");
  while ((await connections(gateway)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = performance.now();
  await gateway.app.close();
  expect(performance.now() - before).toBeLessThan(1_000);
});

test("a request on a kept connection is told that the gateway is going", async () => {
  await using gateway = await start();
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (part) => (answer += part));
  // Two requests in one connection: the second is read while the first still runs.
  const body = '{"query":"{slow}"}';
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = gateway.app.close();
  await until(() => !gateway.app.server.listening);
  socket.write("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 50));
  gateway.release();
  await closed;
  await until(() => socket.closed);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  expect(answer).not.toMatch(/HTTP\/1.1 200 OK[^]*HTTP\/1.1 200 OK/);
});

test("a request that does not end is cut off when the time is up", async () => {
  await using gateway = await start({ shutdownSeconds: 0.3 });
  const stuck = gateway.post("{ slow }").then(
    () => "answered",
    () => "cut off",
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = performance.now();
  await gateway.app.close();
  const took = performance.now() - before;
  expect(await stuck).toBe("cut off");
  expect(took).toBeGreaterThan(250);
  expect(took).toBeLessThan(1_500);
});
