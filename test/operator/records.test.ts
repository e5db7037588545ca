import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBuilt } from "./run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-records-"));
});
afterAll(() => rm(folder, { recursive: true }));

const unreachable = {
  DATABASE_URL: "postgresql://127.0.0.1:1/nowhere",
  INNSYN_MASTER_KEY: Buffer.alloc(32).toString("base64"),
};

const run = (env: NodeJS.ProcessEnv, ...words: readonly string[]) => runBuilt("records", env, ...words);

test("without a folder: JSON-LD on standard output, and nothing else", async () => {
  const ended = await run({});
  expect(ended).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(ended.out)).toMatchObject({ "@type": "dpv:ROPA" });
});

test("one form, in one language", async () => {
  const ended = await run({}, "--format", "csv", "--language", "nn");
  expect(ended.code).toBe(0);
  expect(ended.out).toContain('"NEWSLETTER","Nyheitsbrev"');
});

test("with a folder: every form, in a folder that need not be there", async () => {
  const into = join(folder, "new", "records");
  const ended = await run({}, into);
  expect(ended).toMatchObject({ code: 0, err: "" });
  const files = (await readdir(into)).sort();
  expect(files).toEqual(["records.csv", "records.html", "records.jsonld"]);
  expect(ended.out.trim().split("\n").sort()).toEqual(files.map((file) => join(into, file)));
  expect(await readFile(join(into, "records.html"), "utf8")).toContain("Personvernombudet i Intech AS");
});

test("of an organisation of one's own, while its database does not answer", async () => {
  const demo = new URL("../../dist/demo/organisation.js", import.meta.url);
  const config = join(folder, "innsyn.config.mjs");
  await writeFile(
    config,
    `import { demoConfig } from ${JSON.stringify(demo.href)};
const { organisation, ...others } = demoConfig({
  issuer: "https://id.example.org",
  systems: { crm: "", learning: "", events: "", mailing: { url: "http://127.0.0.1:1", user: "", token: "" } },
  outside: { url: "http://127.0.0.1:1", partnerToken: "t", smtpUrl: "smtp://127.0.0.1:1" },
});
export default { ...others, organisation: { ...organisation, controller: { ...organisation.controller, name: "Eget AS" } } };
`,
  );
  const ended = await run({ ...unreachable, INNSYN_CONFIG: config }, "--format", "html");
  expect(ended.err).toBe("");
  expect(ended.code).toBe(0);
  expect(ended.out).toContain("Eget AS");
});

test("what it does not understand: 1, with how it is called", async () => {
  for (const words of [["--nonsense"], ["--language", "sv"], ["--format", "pdf"], ["a", "b"]]) {
    const ended = await run({}, ...words);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain("Usage: npm run --silent records");
  }
  const missing = await run({
    ...unreachable,
    INNSYN_CONFIG: fileURLToPath(new URL("./nowhere.ts", import.meta.url)),
  });
  expect(missing.code).toBe(1);
  expect(missing.err).toMatch(/^INNSYN_CONFIG: /);
});
