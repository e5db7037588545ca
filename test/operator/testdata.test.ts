import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProcessingActivitiesDocument } from "../generated/graphql.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { runBuilt } from "./run.ts";

let folder: string;
let gateway: Gateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-testdata-"));
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Of the same organisation as the gateway's. */
async function configuration(): Promise<string> {
  const demo = new URL("../../dist/demo/organisation.js", import.meta.url);
  const file = join(folder, "innsyn.config.mjs");
  await writeFile(
    file,
    `import { demoConfig } from ${JSON.stringify(demo.href)};
export default demoConfig(${JSON.stringify(gateway.addresses)});
`,
  );
  return file;
}

test("what the trail says that test data was made from is what the records say that TESTING reads", async () => {
  const into = join(folder, "copy");
  const ended = await runBuilt(
    "testdata",
    {
      DATABASE_URL: gateway.databaseUrl,
      INNSYN_MASTER_KEY: gateway.masterKey.toString("base64"),
      INNSYN_CONFIG: await configuration(),
    },
    into,
  );
  expect(ended).toMatchObject({ code: 0, err: "" });
  const [entry, ...more] = await gateway.rows<{ sources: readonly string[]; purpose: string }>(
    "select sources, purpose from audit_entry where event = 'TEST_DATA_WRITTEN'",
  );
  expect(more).toEqual([]);
  expect(entry?.purpose).toBe("TESTING");
  const { data } = await gateway.query<{
    processingActivities: readonly {
      readonly purpose: string;
      readonly sources: readonly string[];
      readonly categories: readonly string[];
    }[];
  }>(ProcessingActivitiesDocument.toString(), {}, { as: "auditor@intech.example" });
  const testing = data?.processingActivities.find(({ purpose }) => purpose === "TESTING");
  expect(testing?.sources).toEqual(entry?.sources);
  const written = (await readdir(into)).filter((name) => name !== "manifest.json");
  expect(testing?.sources.toSorted()).toEqual(written.sort());
  expect(written.length).toBeGreaterThan(4);
}, 60_000);
