import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Identifier } from "../../src/sources/contract.ts";
import { email, makeWorld, number, reference, type SystemName, systems, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A small world, where addresses and customer numbers are digits. */
interface Plan {
  /** Each by the addresses that they have verified. */
  readonly persons: readonly (readonly number[])[];
  readonly records: readonly {
    readonly system: SystemName;
    readonly email: number | null;
    readonly number: number | null;
  }[];
  /** What staff have settled, by indexes of a person and a record, in this order. */
  readonly decisions: readonly { readonly link: boolean; readonly person: number; readonly record: number }[];
  /** Customer numbers that staff have looked for, before anybody signed in. */
  readonly searched: readonly number[];
}

const digit = fc.nat(3);
const plans: fc.Arbitrary<Plan> = fc.record({
  persons: fc.array(fc.uniqueArray(digit, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 3 }),
  records: fc.array(
    fc.record({
      system: fc.constantFrom(...systems),
      email: fc.option(digit),
      number: fc.option(fc.nat(2)),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  decisions: fc.array(fc.record({ link: fc.boolean(), person: fc.nat(2), record: fc.nat(4) }), {
    maxLength: 3,
  }),
  searched: fc.uniqueArray(fc.nat(2), { maxLength: 2 }),
});

/** The rules of `docs/matching.md`, read a second time: slowly, and knowing everything. */
class Reading {
  readonly #plan: Plan;
  readonly #linked = new Map<string, Set<number>>();
  readonly #notTheirs = new Map<string, Set<number>>();

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const { link, person, record: index } of decisionsOf(plan)) {
      const record = plan.records[index]!;
      const place = `${person} ${record.system}`;
      const linked = this.#linked.get(place) ?? new Set();
      this.#linked.set(place, linked);
      if (link) {
        linked.add(record.number!);
        this.#notTheirs.get(place)?.delete(index);
      } else {
        linked.clear();
        this.#notTheirs.set(place, (this.#notTheirs.get(place) ?? new Set()).add(index));
      }
    }
  }

  /** `NOT_HELD`, `NEEDS_REVIEW`, or the index of the record that the person has. */
  outcome(person: number, system: SystemName): string {
    const linked = this.#byLink(person, system);
    if (linked.length > 0) {
      const [only, ...more] = linked;
      return more.length > 0 || this.#linkers(only!).some((other) => other !== person)
        ? "NEEDS_REVIEW"
        : `${only}`;
    }
    const answering = this.#byAddress(person, system);
    const theirs = answering.filter((index) => !this.#isAside(person, system, index));
    if (answering.length > 0 || system === "learning") return this.#judge(person, theirs, false);
    const { leads, uncertain } = this.#numbers(person);
    const reached = this.#indexes(
      "crm",
      ({ number: held }) => held !== null && [...leads, ...uncertain].includes(held),
    ).filter((index) => !this.#isAside(person, "crm", index));
    const byUncertain = this.#indexes("crm", ({ number: held }) => held !== null && uncertain.includes(held));
    return this.#judge(person, reached, byUncertain.length > 0);
  }

  #judge(person: number, records: readonly number[], uncertain: boolean): string {
    const [only, ...more] = records;
    if (only === undefined) return "NOT_HELD";
    if (more.length > 0) return "NEEDS_REVIEW";
    if (this.#linkers(only).some((other) => other !== person)) return "NOT_HELD";
    const claimed = this.#claimants(only).some((other) => other !== person);
    return claimed || uncertain ? "NEEDS_REVIEW" : `${only}`;
  }

  #everybody = () => this.#plan.persons.map((_, person) => person);

  #indexes(system: SystemName, is: (record: Plan["records"][number]) => boolean): number[] {
    return this.#plan.records.flatMap((record, index) =>
      record.system === system && is(record) ? [index] : [],
    );
  }

  #byLink(person: number, system: SystemName): number[] {
    const numbers = this.#linked.get(`${person} ${system}`);
    return this.#indexes(system, (record) => record.number !== null && !!numbers?.has(record.number));
  }

  #byAddress(person: number, system: SystemName): number[] {
    const addresses = this.#plan.persons[person]!;
    return this.#indexes(system, (record) => record.email !== null && addresses.includes(record.email));
  }

  #isAside(person: number, system: SystemName, index: number): boolean {
    return this.#notTheirs.get(`${person} ${system}`)?.has(index) ?? false;
  }

  #linkers(index: number): number[] {
    const { system } = this.#plan.records[index]!;
    return this.#everybody().filter((person) => this.#byLink(person, system).includes(index));
  }

  /** Those to whom the record answers by an address that they have verified, or by a reference. */
  #claimants(index: number): number[] {
    const { system, number: held } = this.#plan.records[index]!;
    return this.#everybody().filter((person) => {
      if (this.#isAside(person, system, index)) return false;
      if (this.#byAddress(person, system).includes(index)) return true;
      const answersOtherwise =
        this.#byLink(person, system).length > 0 || this.#byAddress(person, system).length > 0;
      return (
        system === "crm" && !answersOtherwise && held !== null && this.#numbers(person).leads.includes(held)
      );
    });
  }

  /** The customer numbers of the person's account in the learning platform, or of those that may be. */
  #numbers(person: number): { leads: number[]; uncertain: number[] } {
    const outcome = this.outcome(person, "learning");
    const numbersOf = (indexes: readonly number[]) =>
      indexes.flatMap((index) => this.#plan.records[index]!.number ?? []);
    if (outcome === "NOT_HELD") return { leads: [], uncertain: [] };
    if (outcome !== "NEEDS_REVIEW") return { leads: numbersOf([Number(outcome)]), uncertain: [] };
    const linked = this.#byLink(person, "learning");
    const candidates = linked.length > 0 ? linked : this.#byAddress(person, "learning");
    const open = candidates.filter((index) => linked.length > 0 || !this.#isAside(person, "learning", index));
    return { leads: [], uncertain: numbersOf(open) };
  }
}

/** Those that can be made: of somebody there is, and a link by a customer number that the record has. */
const decisionsOf = ({ persons, records, decisions }: Plan) =>
  decisions.filter(
    ({ link, person, record }) =>
      person < persons.length && records[record] !== undefined && (!link || records[record].number !== null),
  );

let run = 0;
/** Makes the world, looks at everybody twice, and tells what each was shown. */
async function play(plan: Plan) {
  run++;
  const address = (n: number) => email(`p${n}.${run}@example.com`);
  const customer = (n: number) => number(`K-${run}-${n}`);
  const keys: string[] = [];
  for (const { system, email: mail, number: held } of plan.records) {
    const identifiers: Identifier[] = [];
    if (mail !== null) identifiers.push(address(mail));
    if (held !== null) identifiers.push(customer(held));
    keys.push(`${system} ${await world.record(system, ...identifiers)}`);
  }
  const found = new Set<string>();
  for (const n of plan.searched) found.add((await world.people.enrolFound(customer(n))).id);
  const signIn = (person: number) => world.signIn(`${run} ${person}`, ...plan.persons[person]!.map(address));
  const ids: string[] = [];
  for (const person of plan.persons.keys()) ids.push((await signIn(person)).id);
  for (const { link, person, record } of decisionsOf(plan)) {
    const { system, number: held } = plan.records[record]!;
    const key = keys[record]!.replace(`${system} `, "");
    if (link) await world.link(ids[person]!, system, customer(held!), key);
    else await world.unlink(ids[person]!, system, key);
  }
  const look = async () => {
    const shown: Record<string, string> = {};
    for (const system of systems) {
      for (const person of plan.persons.keys()) {
        const match = await world.own(await signIn(person), system, [reference]);
        shown[`${person} ${system}`] =
          match.state === "HELD" ? `${keys.indexOf(`${system} ${match.record.key}`)}` : match.state;
      }
      for (const id of found) {
        const person = await world.people.byId(id);
        if (person?.id !== id) continue;
        const match = await world.staff(id, system, [reference]);
        if (match.state === "HELD")
          shown[`${id} ${system}`] = `${keys.indexOf(`${system} ${match.record.key}`)}`;
      }
    }
    return shown;
  };
  return { first: await look(), second: await look() };
}

const haveTwice = (shown: Readonly<Record<string, string>>) => {
  const had = Object.values(shown).filter((outcome) => /^\d+$/.test(outcome));
  return had.filter((record, index) => had.indexOf(record) !== index);
};

test("no record is ever two persons', and each is whose the rules say", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const { first, second } = await play(plan);
      expect(haveTwice(first)).toEqual([]);
      expect(haveTwice(second)).toEqual([]);
      const reading = new Reading(plan);
      for (const person of plan.persons.keys()) {
        for (const system of systems) {
          expect({ person, system, outcome: second[`${person} ${system}`] }).toEqual({
            person,
            system,
            outcome: reading.outcome(person, system),
          });
        }
      }
    }),
    { numRuns: 120 },
  );
});
