import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegisterParts } from "../../src/subjects/people.ts";
import { planOf } from "../requests/erasing.ts";
import { ask } from "../requests/rights.ts";
import { restrict } from "../setup/standing.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";

let gateway: Gateway;
let register: RegisterParts & AsyncDisposable;
const ids: Record<string, string> = {};
beforeAll(async () => {
  gateway = await startGateway({
    config: (config) => ({ ...config, searches: { perMinute: 100_000, perDay: 100_000 } }),
  });
  register = await openRegister(gateway);
  for (const name of ["kari.nordmann", "ola.nordmann", "eva.enebo", "siv.stille"]) {
    const as = `${name}@example.com`;
    const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as });
    ids[name] = data?.me.id ?? expect.fail();
  }
  await erased("ingrid.aas@example.com");
  // Hidden from support, and restricted besides.
  const since = new Date(Date.now() - 1_000);
  await restrict(register, ids["eva.enebo"] ?? "", { sources: ["events"], reason: "prøve", since });
});
afterAll(async () => {
  await gateway.manners(null);
  await register[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Waits until it has been done; what the law keeps is not found by the address. */
async function erased(email: string): Promise<void> {
  const { hash: planHash } = await planOf({ gateway }, email);
  const { request } = await ask({ gateway }, "requestErasure", { planHash }, { as: email, strongly: true });
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    const [row] = await gateway.rows<{ status: string }>("select status from request where id = $1", [
      request.id,
    ]);
    if (row?.status.startsWith("COMPLETED")) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it has not ended");
}

const search = `query ($v: String!, $p: Purpose!) {
  findDataSubjects(identifier: { kind: EMAIL, value: $v }, purpose: $p) { subject { id } matchedBy { kind value } sources ambiguous } }`;
const byId = `query ($v: ID!, $p: Purpose!) { dataSubject(id: $v, purpose: $p) { id } }`;

const referred = `query ($v: ID!) { _entities(representations: [{ __typename: "DataSubject", id: $v }]) { ... on DataSubject { id } } }`;

const referredEach = `query ($v: [_Any!]!) { _entities(representations: $v) { ... on DataSubject { id } } }`;

interface Asked {
  readonly role: string;
  readonly purpose: string;
  readonly document: string;
  readonly value: (round: number) => string | readonly object[];
}
const support = { role: "support", purpose: "CUSTOMER_SUPPORT" } as const;
const marketing = { role: "marketing", purpose: "NEWSLETTER" } as const;
const stranger = (round: number) => `stranger.${round}@example.com`;
const unknownId = (round: number) => `5c1b7a52-9a0e-4f7c-8b6e-${String(round).padStart(12, "0")}`;
const most = 100;
const each = (make: (i: number) => string) =>
  Array.from({ length: most }, (_, i) => ({ __typename: "DataSubject", id: make(i) }));
/** The same id in as many ways of writing as its letters allow: those of `i` in binary are large. */
function writtenAs(id: string, i: number): string {
  let letters = 0;
  return id.replaceAll(/[a-f]/g, (letter) => ((i >> letters++) & 1 ? letter.toUpperCase() : letter));
}

/** Rounds of every case in turn, so that what slows the machine down slows down all of them. */
async function measure(cases: Readonly<Record<string, Asked>>, rounds: number) {
  const times = new Map(Object.keys(cases).map((name) => [name, [] as number[]]));
  const sizes = new Map(Object.keys(cases).map((name) => [name, new Set<number>()]));
  for (let round = -5; round < rounds; round++) {
    const inTurn = Object.entries(cases);
    if (round % 2 === 0) inTurn.reverse();
    for (const [name, { role, purpose, document, value }] of inTurn) {
      const { milliseconds, text } = await gateway.query(
        document,
        { v: value(Math.abs(round)), ...(document.includes("$p") && { p: purpose }) },
        { as: `${role}@intech.example`, headers: { "innsyn-purpose": purpose } },
      );
      // The first rounds open connections and compile.
      if (round < 0) continue;
      times.get(name)?.push(milliseconds);
      sizes.get(name)?.add(text.length);
    }
  }
  return { times, sizes };
}

const quantile = (values: readonly number[], q: number) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
};
const median = (values: readonly number[]) => quantile(values, 0.5);

/**
 * How well one answer tells the two apart by its time: the area under the ROC curve (Mann-Whitney U), 0.5 for a coin.
 * Ranks, so a pause of the machine counts as one answer and no more.
 */
function telling(a: readonly number[], b: readonly number[]): number {
  let wins = 0;
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0;
  const area = wins / (a.length * b.length);
  return Math.max(area, 1 - area);
}

/** Of two times `rounds` answers to the same question, all but one in 30,000 stay below (normal approximation of U). */
const rounds = 40;
const coin = 0.5 + 4 * Math.sqrt((2 * rounds + 1) / (12 * rounds * rounds));
/** Milliseconds between medians. */
const apart = 10;

function report(title: string, times: ReadonlyMap<string, readonly number[]>): void {
  const rows = [...times].map(
    ([name, all]) =>
      `${name}: median ${median(all).toFixed(1)}, quartiles ${quantile(all, 0.25).toFixed(1)}–${quantile(all, 0.75).toFixed(1)} ms`,
  );
  const [[, first] = ["", []], ...others] = times;
  const areas = others.map(([name, all]) => `${name} ${telling(first, all).toFixed(2)}`);
  console.info(
    `${title}\n  ${rows.join("\n  ")}\n  told from the first: ${areas.join(", ")} (below ${coin.toFixed(2)})`,
  );
}

function expectAlike(times: ReadonlyMap<string, readonly number[]>): void {
  const all = [...times];
  for (const [i, [name, one]] of all.entries())
    for (const [other, two] of all.slice(i + 1)) {
      expect(Math.abs(median(one) - median(two)), `${name} / ${other}: medians`).toBeLessThan(apart);
      expect(telling(one, two), `${name} / ${other}: told apart by time`).toBeLessThan(coin);
    }
}

const nobody: Asked = { ...support, document: search, value: stranger };
const hidden: Asked = { ...support, document: search, value: () => "eva.enebo@example.com" };
const gone: Asked = { ...support, document: search, value: () => "ingrid.aas@example.com" };
const found: Asked = { ...support, document: search, value: () => "kari.nordmann@example.com" };
const restricted: Asked = { ...support, document: search, value: () => "siv.stille@example.com" };

test("a search takes as long for nobody as for whom the caller may not see, or who has been erased", async () => {
  const { times, sizes } = await measure({ nobody, hidden, gone }, rounds);
  report("search", times);
  expect(new Set([...sizes.values()].flatMap((each) => [...each])).size).toBe(1);
  expectAlike(times);
}, 120_000);

test("and about as long for whom the caller does find, restricted or not: within a step", async () => {
  const { times } = await measure({ nobody, found, restricted }, rounds / 3);
  report("search that finds", times);
  const medians = [...times.values()].map(median);
  expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(50 + apart);
}, 120_000);

test.each([
  ["by id", byId],
  ["by reference", referred],
])(
  "%s it takes as long that is none, unknown, or of somebody whom the caller may not see",
  async (title, document) => {
    const { times, sizes } = await measure(
      {
        malformed: { ...support, document, value: (round) => `x${round}` },
        unknown: { ...support, document, value: unknownId },
        hidden: { ...support, document, value: () => ids["eva.enebo"] ?? "" },
      },
      rounds,
    );
    report(title, times);
    expect(new Set([...sizes.values()].flatMap((each) => [...each])).size).toBe(1);
    expectAlike(times);
  },
  120_000,
);

test("of an id in a hundred ways of writing it takes as long that is unknown, or of somebody hidden", async () => {
  const written = (id: (round: number) => string): Asked => ({
    ...support,
    document: referredEach,
    value: (round) => each((i) => writtenAs(id(round), i)),
  });
  const { times, sizes } = await measure(
    { unknown: written(unknownId), hidden: written(() => ids["eva.enebo"] ?? "") },
    rounds,
  );
  report("a hundred ways of writing", times);
  expect(new Set([...sizes.values()].flatMap((all) => [...all])).size).toBe(1);
  expectAlike(times);
}, 120_000);

test("of a hundred ids it takes as long that all are none, all unknown, or one of somebody hidden", async () => {
  const unknown = (round: number, i: number) => unknownId(round * most + i);
  const among = (make: (round: number, i: number) => string): Asked => ({
    ...support,
    document: referredEach,
    value: (round) => each((i) => make(round, i)),
  });
  const { times, sizes } = await measure(
    {
      unknown: among(unknown),
      malformed: among((round, i) => `x${round * most + i}`),
      hidden: among((round, i) => (i === 0 ? (ids["eva.enebo"] ?? "") : unknown(round, i))),
    },
    rounds,
  );
  report("a hundred ids", times);
  expect(new Set([...sizes.values()].flatMap((all) => [...all])).size).toBe(1);
  expectAlike(times);
}, 120_000);

test("a system slower than a step tells no more: nobody is asked for as often as somebody", async () => {
  await gateway.manners("slow", { ms: 65 });
  const newsletter = { ...marketing, document: search };
  const searches = await measure(
    {
      nobody: { ...newsletter, value: stranger },
      hidden: { ...newsletter, value: () => "ola.nordmann@example.com" },
    },
    rounds / 4,
  );
  const looks = await measure(
    {
      unknown: { ...marketing, document: byId, value: unknownId },
      hidden: { ...marketing, document: byId, value: () => ids["ola.nordmann"] ?? "" },
    },
    rounds / 4,
  );
  for (const [title, { times }] of Object.entries({ searches, looks })) {
    report(`${title}, 65 ms more`, times);
    const [one = [], other = []] = times.values();
    expect(Math.abs(median(one) - median(other))).toBeLessThan(40);
  }
}, 120_000);
