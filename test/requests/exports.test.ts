import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask } from "./rights.ts";
import { kari, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

it("works", async () => {
  const { request } = await ask(world, "requestExport", { format: "JSON" }, { as: kari });
  const status = await world.until(request.id, "COMPLETED", "NEEDS_ATTENTION");
  const { data } = await world.gateway.query<any>(
    `query($id: ID!) { request(id: $id) { status steps { source action state lastError outcome { result count detail } } download { url expiresAt sha256 size isWhole } timeline { event detail } } }`,
    { id: request.id },
    { as: kari },
  );
  console.log(status, JSON.stringify(data, null, 1), world.gateway.lines.filter((l) => l.includes('"err"')).slice(0, 3));
  const { url, sha256 } = data.request.download;
  const token = await world.gateway.token(kari);
  const get = (headers = {}) => fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } });
  const head = await get({ range: "bytes=0-99" });
  console.log(head.status, [...head.headers]);
  const first = Buffer.from(await head.arrayBuffer());
  const whole = await get();
  const bytes = Buffer.from(await whole.arrayBuffer());
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  expect(bytes.subarray(0, 100)).toEqual(first);
  await new Promise((r) => setTimeout(r, 200));
  console.log((await get()).status, await (await get()).text());
});
