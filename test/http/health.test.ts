import { expect, test } from "vitest";
import type { Check } from "../../src/http/health.ts";
import { start } from "./server-fixture.ts";

const well: Check["check"] = async () => ({ ok: true });
const part = (name: string, essential: boolean, check: Check["check"]): Check => ({ name, essential, check });

test("live says only that the process answers", async () => {
  await using gateway = await start({}, [part("database", true, async () => ({ ok: false }))]);
  const answer = await fetch(`${gateway.url}/health/live`);
  expect([answer.status, await answer.json()]).toEqual([200, { status: "live" }]);
});

test("a source that is down degrades the gateway, which stays ready", async () => {
  const down = part("crm", false, async () => ({ ok: false, detail: "UNREACHABLE" }));
  await using gateway = await start({}, [part("database", true, well), down, part("learning", false, well)]);
  const answer = await fetch(`${gateway.url}/health/ready`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    status: "ready",
    notReady: [],
    degraded: ["crm"],
    parts: { database: { ok: true }, crm: { ok: false, detail: "UNREACHABLE" }, learning: { ok: true } },
  });
});

test("without its own database or the issuer's keys it is not ready, and says which", async () => {
  const failing = part("database", true, async () => {
    throw new Error("password of kari@example.com refused");
  });
  const hanging = part("issuer", true, () => new Promise(() => undefined));
  await using gateway = await start({}, [failing, hanging]);
  const answer = await fetch(`${gateway.url}/health/ready`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    status: "not ready",
    notReady: ["database", "issuer"],
    degraded: [],
    parts: {
      database: { ok: false, detail: "failed" },
      issuer: { ok: false, detail: "no answer within 200 ms" },
    },
  });
  expect(gateway.lines.join("")).toContain('"check":"database"');
  expect(gateway.lines.join("")).not.toContain("kari");
});

test("probes that come together share one run, and later ones see the change", async () => {
  let runs = 0;
  const counted = part("database", true, async () => ({ ok: ++runs === 1 }));
  await using gateway = await start({}, [counted]);
  const probe = async () => (await fetch(`${gateway.url}/health/ready`)).status;
  expect(await Promise.all([probe(), probe(), probe(), probe()])).toEqual([200, 200, 200, 200]);
  expect(runs).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(await probe()).toBe(503);
});
