import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorld, type World } from "./world.ts";
import { carriedOut, counts, opened } from "./reviews.ts";

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world[Symbol.asyncDispose]());

it("smoke", async () => {
  const review = await opened(world).catch((e) => {
    console.log(world.gateway.lines.filter((l) => l.includes("fault") || l.includes("err")));
    throw e;
  });
  console.log(JSON.stringify(review, null, 1));
  const ended = await carriedOut(world, review.id);
  console.log(
    JSON.stringify(counts(ended)),
    ended.items.filter((i) => i.state !== "DONE"),
    ended.status,
  );
  expect(ended.status).toBe("NEEDS_ATTENTION");
});
