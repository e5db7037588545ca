import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { policy } from "../../src/access/policy.ts";
import { configSchema } from "../../src/config/define.ts";
import { type FaultCode, faults } from "../../src/graphql/faults.ts";
import { startGateway } from "../setup/gateway.ts";

const page = await readFile(new URL("../../docs/staff.md", import.meta.url), "utf8");
const words = (cell = "") => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, word = ""]) => word);

test("the table of purposes is the policy", () => {
  const shown = [...page.matchAll(/^\| `([A-Z]+)` +\| `([A-Z_]+)` +\| (.+) \|$/gm)].map(
    ([, role, purpose, reads]) => [role, purpose, words(reads)],
  );
  const { SUBJECT: _, ...staff } = policy;
  const granted = Object.entries(staff).flatMap(([role, grants]) =>
    Object.entries(grants).map(([purpose, categories]) => [role, purpose, categories]),
  );
  expect(shown).toEqual(granted);
});

test("the allowance of searches is the configuration's default", () => {
  const { perMinute, perDay } = configSchema.shape.searches.parse(undefined);
  expect(page).toContain(`${perMinute} times a minute and ${perDay.toLocaleString("en")} times a day`);
});

test("every refusal that it explains is a code of the table", () => {
  const [, table = ""] = /## What a refusal means\n+((?:\|.*\n)+)/.exec(page) ?? [];
  const codes = table.split("\n").flatMap((row) => words(row.split("|")[1]));
  expect(codes.length).toBeGreaterThan(7);
  for (const code of codes) expect(faults[code as FaultCode]).toBeDefined();
});

test("what it has curl send is answered: a person is found, and read by id", async () => {
  const [search = "", read = ""] = [...page.matchAll(/-d '(\{"query".*\})'$/gm)].map(([, body = ""]) => body);
  await using gateway = await startGateway();
  const as = "support@intech.example";
  const ask = <Data>(body: string) => {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: object };
    return gateway.query<Data>(query, variables, { as });
  };
  const found = await ask<{ findDataSubjects: readonly { subject: { id: string } }[] }>(search);
  expect(found.errors).toBeUndefined();
  const id = found.data?.findDataSubjects[0]?.subject.id ?? expect.fail(found.text);
  const { data, errors } = await ask(read.replace(`'"$ID"'`, id));
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({ dataSubject: { crm: { name: "Kari Nordmann" } } });
});
