import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const oxlint = join(root, "node_modules/.bin/oxlint");

/** Each offence by the file that commits it. */
const offences: Readonly<Record<string, { readonly code: string; readonly text: string }>> = {
  "src/store/upwards.ts": {
    code: "house(layers)",
    text: 'import { a } from "../access/ok.ts"; export const b = a;',
  },
  "src/access/upwards.ts": {
    code: "house(layers)",
    text: 'import type { Row } from "../sources/ok.ts"; export type Mine = Row;',
  },
  "src/requests/inline.ts": {
    code: "house(layers)",
    text: 'export type Mine = import("../graphql/ok.ts").Row;',
  },
  "src/subjects/late.ts": {
    code: "house(layers)",
    text: 'export const late = () => import("../http/ok.ts");',
  },
  "src/sources/crm/stranger.ts": {
    code: "house(layers)",
    text: 'import { b } from "../events/ok.ts"; export const c = b;',
  },
  "src/demo/composer.ts": {
    code: "house(layers)",
    text: 'import { app } from "../app.ts"; export const d = app;',
  },
  "src/helpers/unplaced.ts": {
    code: "house(layers)",
    text: 'import { a } from "../access/ok.ts"; export const b = a;',
  },
  "src/http/tested.ts": {
    code: "house(layers)",
    text: 'import { t } from "../../test/ok.ts"; export const u = t;',
  },
  "src/access/circle-a.ts": {
    code: "import(no-cycle)",
    text: 'import type { B } from "./circle-b.ts"; export interface A { readonly b: B }',
  },
  "src/access/circle-b.ts": {
    code: "import(no-cycle)",
    text: 'import type { A } from "./circle-a.ts"; export interface B { readonly a: A }',
  },
  "src/access/barrel-of-all.ts": { code: "house(no-re-export)", text: 'export * from "./ok.ts";' },
  "src/access/barrel-of-some.ts": {
    code: "house(no-re-export)",
    text: 'export type { Row } from "./ok.ts";',
  },
  "src/http/environment.ts": {
    code: "house(environment-in-config)",
    text: 'export const p = process.env["PORT"];',
  },
  "src/http/environment-taken.ts": {
    code: "house(environment-in-config)",
    text: "const { env } = process; export const p = env.PORT;",
  },
  "src/http/environment-imported.ts": {
    code: "house(environment-in-config)",
    text: 'import { env } from "node:process"; export const p = env.PORT;',
  },
  "src/http/any.ts": { code: "typescript(no-explicit-any)", text: "export const f = (x: any) => String(x);" },
  "src/http/double.ts": {
    code: "house(no-double-assertion)",
    text: "export const f = (x: string) => x as unknown as number;",
  },
  "src/http/ignored.ts": { code: "typescript(ban-ts-comment)", text: "// @ts-ignore\nexport const f = 1;" },
  "src/http/later.ts": { code: "eslint(no-warning-comments)", text: "// TODO: later\nexport const f = 1;" },
  "src/http/off.ts": { code: "", text: "// oxlint-disable-next-line no-debugger\nexport const f = 1;" },
};

const lawful: Readonly<Record<string, string>> = {
  "src/access/ok.ts": "export const a = 1; export interface Row { readonly a: 1 }",
  "src/sources/ok.ts":
    'import type { Row as R } from "../access/ok.ts"; export interface Row { readonly r: R }',
  "src/sources/events/ok.ts": 'import type { Row } from "../ok.ts"; export const b: Row = { r: { a: 1 } };',
  "src/sources/roster.ts": 'import { b } from "./events/ok.ts"; export const all = [b];',
  "src/graphql/ok.ts": "export interface Row { readonly a: 1 }",
  "src/http/ok.ts": "export const h = 1;",
  "src/app.ts": 'import { h } from "./http/ok.ts"; export const app = h;',
  "src/config/environment.ts": 'export const port = process.env["PORT"];',
  "test/ok.ts": 'import { app } from "../src/app.ts"; export const t = app;',
};

describe("the linter", () => {
  let folder: string;
  let found: Map<string, string[]>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "innsyn-lint-"));
    await cp(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    await cp(join(root, "lint"), join(folder, "lint"), { recursive: true });
    const texts = {
      ...lawful,
      ...Object.fromEntries(Object.entries(offences).map(([name, { text }]) => [name, text])),
    };
    for (const [name, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), `${text}\n`);
    }
    found = await lint(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(Object.entries(offences))("refuses %s", (name, { code }) => {
    expect(found.get(name)).toEqual([code]);
  });

  test("lets what is lawful be", () => {
    expect(Object.keys(lawful).filter((name) => found.has(name))).toEqual([]);
  });
});

interface Diagnostic {
  readonly code?: string;
  readonly filename: string;
}

/** The codes by file. */
async function lint(folder: string): Promise<Map<string, string[]>> {
  const output = await new Promise<string>((resolve) => {
    // Offences make it end with a status of its own.
    execFile(oxlint, ["--deny-warnings", "--format", "json"], { cwd: folder }, (_error, stdout) =>
      resolve(stdout),
    );
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: Diagnostic[] };
  const found = new Map<string, string[]>();
  for (const { filename, code = "" } of diagnostics)
    found.set(filename, [...(found.get(filename) ?? []), code]);
  return found;
}
