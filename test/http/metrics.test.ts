import { expect, test } from "vitest";
import { createOperationNames } from "../../src/http/operation-names.ts";
import { start, until, type Running } from "./server-fixture.ts";

async function metricsOf(gateway: Running): Promise<string> {
  const answer = await fetch(`${gateway.url}/metrics`);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  return answer.text();
}

test("requests, operations, outcomes and source calls are counted", async () => {
  await using gateway = await start();
  await gateway.post("query Greeting { hello }");
  await gateway.post("query Greeting { hello }");
  await gateway.post("query Partial { hello refused }");
  await gateway.post("query SourceDown { failing }");
  await gateway.post("{ nothing }");
  await gateway.post("query Stranger { hello }", { headers: { "x-nobody": "1" } });
  await until(() => gateway.lines.length === 6);
  const text = await metricsOf(gateway);
  for (const line of [
    'innsyn_http_requests_total{method="POST",route="/graphql",status="200"} 5',
    'innsyn_http_requests_total{method="POST",route="/graphql",status="400"} 1',
    'innsyn_http_request_duration_seconds_count{route="/graphql"} 6',
    'innsyn_graphql_operation_duration_seconds_count{operation="Greeting"} 2',
    'innsyn_graphql_operation_duration_seconds_count{operation="Partial"} 1',
    'innsyn_graphql_operation_duration_seconds_count{operation="other"} 1',
    'innsyn_graphql_operation_duration_seconds_count{operation="invalid"} 1',
    'innsyn_graphql_outcomes_total{code="OK"} 4',
    'innsyn_graphql_outcomes_total{code="FORBIDDEN"} 1',
    'innsyn_graphql_outcomes_total{code="GRAPHQL_VALIDATION_FAILED"} 1',
    'innsyn_source_call_duration_seconds_count{source="crm",operation="find"} 5',
    'innsyn_source_failures_total{source="crm",operation="find",reason="TIMED_OUT"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).toContain("process_cpu_seconds_total");
});

test("two gateways in one process count apart", async () => {
  await using first = await start();
  await using second = await start();
  await first.post("query Greeting { hello }");
  await until(() => first.lines.length === 1);
  expect(await metricsOf(second)).not.toContain("Greeting");
});

test("callers cannot make labels: neither by names, nor by paths and methods", async () => {
  await using gateway = await start();
  for (let index = 0; index < 130; index++) await gateway.post(`query Made_${index} { hello }`);
  await gateway.post("query Tel4790000000 { hello }");
  await gateway.post(`query ${"Long".repeat(20)} { hello }`);
  await gateway.post("query Kari { hello }", { operationName: "Nordmann" });
  await fetch(`${gateway.url}/kari/nordmann`, { method: "PROPFIND" });
  await until(() => gateway.lines.length === 134);
  const text = await metricsOf(gateway);
  const names = new Set(
    [...text.matchAll(/operation_duration_seconds_count\{operation="(\w+)"\}/g)].map(([, name]) => name),
  );
  expect(names.size).toBe(102);
  expect(names).toContain("other");
  expect(text).not.toMatch(/kari|nordmann|PROPFIND|Tel4790000000|LongLong/i);
  expect(text).toContain('{method="other",route="unmatched",status="404"} 1');
});

test("with a list of names, no other is written", () => {
  const names = createOperationNames(["Access"]);
  expect(names.admit("Access", false)).toBe("Access");
  expect(names.admit("KariNordmann", true)).toBe("other");
  expect(names.admit(null, true)).toBe("anonymous");
});

test("metrics can be kept off this port", async () => {
  await using gateway = await start({ metrics: false });
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
});
