import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { start, until } from "./server-fixture.ts";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** Takes OTLP over HTTP in JSON, as a collector does. */
async function startCollector() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      bodies.push(body);
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    bodies,
    spans: () =>
      bodies.flatMap((body) =>
        (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
          ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a request and the source calls inside it reach the collector as one trace without a value", async () => {
  await using collector = await startCollector();
  {
    await using gateway = await start({ tracing: { url: collector.url } });
    await gateway.post('query Greeting { hello echo(text: "kari.nordmann@example.com") }', {
      headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    });
    await until(() => gateway.lines.length === 1);
  }
  const spans = collector.spans();
  const request = spans.find(({ name }) => name === "POST /graphql");
  const call = spans.find(({ name }) => name === "crm find");
  expect(spans).toHaveLength(2);
  expect(call?.parentSpanId).toBe(request?.spanId);
  expect(call?.traceId).toBe(request?.traceId);
  expect(request?.traceId).not.toBe("0af7651916cd43dd8448eb211c80319c");
  expect((BigInt(call!.endTimeUnixNano) - BigInt(call!.startTimeUnixNano)) / 1_000_000n).toBe(50n);
  const sent = collector.bodies.join("");
  expect(sent).toContain('{"key":"graphql.operation.name","value":{"stringValue":"Greeting"}}');
  expect(sent).toContain('{"key":"service.name","value":{"stringValue":"innsyn"}}');
  expect(sent).not.toMatch(/kari|nordmann|hello|echo|127\.0\.0\.1/);
});

test("the trace of a trusted proxy is continued", async () => {
  await using collector = await startCollector();
  {
    await using gateway = await start({ trustRequestId: true, tracing: { url: collector.url } });
    await gateway.post("{ hello }", {
      headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    });
    await until(() => gateway.lines.length === 1);
  }
  const request = collector.spans().find(({ name }) => name === "POST /graphql");
  expect(request).toMatchObject({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    parentSpanId: "b7ad6b7169203331",
  });
});

test("a collector that is gone costs no answer, and stopping little time", async () => {
  const before = performance.now();
  {
    await using gateway = await start({ tracing: { url: "http://127.0.0.1:9/v1/traces" } });
    expect((await gateway.post("{ hello }")).status).toBe(200);
  }
  expect(performance.now() - before).toBeLessThan(4_000);
});
