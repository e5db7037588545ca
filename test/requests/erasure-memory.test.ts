import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openKillable } from "./killable.ts";
import { kari } from "./world.ts";

const reader = "stor.leser@example.com";
const deliveries = 20_000;
/** Bytes: two runs for one person differ by half of it, and all the deliveries at once take half as much again. */
const tolerance = 40 * 2 ** 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-memory-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Bytes that a process had at most, resident, that has done nothing but erase the person; and what it has erased. */
async function peakOf(email: string) {
  const memory = join(folder, email);
  let erased: { readonly n: number } | undefined;
  {
    await using replica = await openKillable(undefined, memory);
    await replica.erase(email);
    await replica.settled();
    [erased] = await replica.world.gateway.rows<{ n: number }>(
      "select s.count as n from request_step s join request q on q.id = s.request_id where q.status like 'COMPLETED%' and s.record_type = 'deliveries' and s.state = 'DONE'",
    );
  }
  return { erased: erased?.n ?? 0, peak: Number(await readFile(memory, "utf8")) };
}

it("a person with 20,000 deliveries takes no more memory than another, but for what comes and goes", async () => {
  const [ordinary, great] = [await peakOf(kari), await peakOf(reader)];
  expect(great.erased).toBe(deliveries);
  expect(ordinary.erased).toBeLessThan(100);
  expect(great.peak - ordinary.peak).toBeLessThan(tolerance);
}, 120_000);
