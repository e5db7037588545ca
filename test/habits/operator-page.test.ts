import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { configSchema } from "../../src/config/define.ts";
import { createMetrics } from "../../src/http/metrics.ts";

const page = await readFile(new URL("../../docs/operator.md", import.meta.url), "utf8");

test("the table of `requests` is the configuration, with its defaults", () => {
  const rows = [...page.matchAll(/^\| `([a-z]\w+)` +\| `(\d+)` +\|/gm)].map(([, name, shown]) => [
    name,
    shown,
  ]);
  const defaults = Object.entries(configSchema.shape.requests.parse(undefined));
  expect(rows).toEqual(defaults.map(([name, value]) => [name, String(value)]));
});

test("every metric that it names is there", async () => {
  const metrics = createMetrics();
  metrics.watchUnsealed(async () => 0);
  metrics.watchReviews(async () => 0);
  metrics.watchReappearances(async () => 0);
  metrics.watchPolicyNotices(async () => 0);
  metrics.watchStreams(async () => 0);
  metrics.watchRequests(async () => ({ byStatus: {}, overdue: 0, dueSoon: 0 }));
  const text = await metrics.text();
  metrics.close();
  const named = [...page.matchAll(/`(innsyn_\w+)(?:\{([\w,]+)\})?`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(7);
  for (const name of named) expect(text).toMatch(new RegExp(`^# TYPE ${name} `, "m"));
});
