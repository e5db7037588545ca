import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { lifecycle } from "../../src/requests/lifecycle.ts";

const path = fileURLToPath(new URL("../../docs/requests.md", import.meta.url));
const page = await readFile(path, "utf8");

interface Printed {
  readonly says: string;
  readonly moves: Readonly<Record<string, string>>;
  readonly kinds?: readonly string[];
  readonly refusedAs?: string;
}

const listed = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");

function row([event, { says, moves, kinds, refusedAs }]: readonly [string, Printed]): readonly string[] {
  const pairs = Object.entries(moves);
  const led = pairs.filter(([from, to]) => from !== to);
  const leads = [...new Set(led.map(([, to]) => to))].map((to) => {
    const from = led.flatMap(([name, leadsTo]) => (leadsTo === to ? [name] : []));
    return `${listed(from)} → \`${to}\``;
  });
  const stays = listed(pairs.filter(([from, to]) => from === to).map(([name]) => name));
  const meaning = kinds ? `${says}; of ${listed(kinds)} alone` : says;
  return [`\`${event}\``, meaning, leads.join("; "), stays, refusedAs ? `\`${refusedAs}\`` : ""];
}

test("docs/requests.md has the lifecycle as it is; `npx vitest run test/habits/requests-page.test.ts -u` writes it", async () => {
  const rows = [
    ["event", "when", "leads", "leaves as it is", "elsewhere refused as"],
    Array.from({ length: 5 }, () => "---"),
    ...Object.entries<Printed>(lifecycle).map(row),
  ];
  const table = rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  expect(page).toMatch(/<!-- lifecycle -->[^]*<!-- \/lifecycle -->/);
  const written = page.replace(
    /(?<=<!-- lifecycle -->)[^]*(?=<!-- \/lifecycle -->)/,
    () => `\n\n${table}\n\n`,
  );
  const options = await resolveConfig(path);
  await expect(await format(written, { ...options, parser: "markdown" })).toMatchFileSnapshot(path);
});
