import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { environmentSchema } from "../../src/config/environment.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root });

test("the README's table names every variable of the environment, with its default", () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\|.*\| (.+?) +\|$/gm)].map(([, name, shown]) => [
    name,
    shown,
  ]);
  // npm's own variables are lower case and not ours to set.
  const names = Object.keys(environmentSchema.shape).filter((name) => name === name.toUpperCase());
  expect(rows.map(([name]) => name).sort()).toEqual(names.sort());
  const defaults = Object.entries(environmentSchema.parse({})).filter(([, value]) => value !== undefined);
  expect(defaults.length).toBeGreaterThan(3);
  for (const [name, value] of defaults) expect(rows).toContainEqual([name, `\`${String(value)}\``]);
});

test("the README prints the two commands", () => {
  expect(readme).toMatch(/^npm ci && npm start$/m);
  expect(readme).toMatch(/^npm ci && npm test$/m);
});

describe("links within the repository lead somewhere", () => {
  test.each(pages)("%s", async (page) => {
    const text = await readFile(join(root, page), "utf8");
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, target = ""]) => target,
    );
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });
});

test("scripts that the documents name exist", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { scripts: object };
  const texts = await Promise.all(pages.map((page) => readFile(join(root, page), "utf8")));
  const named = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = ""]) => name),
    ),
  );
  expect(named.size).toBeGreaterThan(5);
  expect([...named].filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
