import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SourceUnavailable } from "../../src/sources/loader.ts";
import type { Identifier } from "../../src/sources/contract.ts";
import { email, makeWorld, number, reference, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Names that no other test has. */
let name: (name: string) => Identifier;
let no: (name: string) => Identifier;
let count = 0;
beforeEach(() => {
  const test = ++count;
  name = (local) => email(`${local}.${test}@example.com`);
  no = (value) => number(`K-${test}-${value}`);
});
const sub = (local: string) => `${local}.${count}`;

const held = (key: string, foundBy: readonly Identifier[] | Identifier, settledAside = 0) =>
  expect.objectContaining({
    state: "HELD",
    record: expect.objectContaining({ key }),
    foundBy: [foundBy].flat(),
    settledAside,
  });
const review = (problem: string, ...keys: readonly string[]) => ({
  state: "NEEDS_REVIEW",
  problem,
  records: keys.map((key) => expect.objectContaining({ key })),
});
const notHeld = (settledAside = 0) => ({ state: "NOT_HELD", settledAside });

describe("by verified identifiers", () => {
  test("one record that answers to nobody else is the person's", async () => {
    const key = await world.record("crm", name("kari"));
    const kari = await world.signIn(sub("kari"), name("kari"));
    expect(await world.own(kari, "crm")).toEqual(held(key, name("kari")));
    expect(await world.staff(kari.id, "crm")).toEqual(held(key, name("kari")));
    expect(await world.own(kari, "learning")).toEqual(notHeld());
    expect(await world.reviews(kari.id)).toEqual([]);
  });

  test("one record by two of the person's identifiers is one", async () => {
    const key = await world.record("crm", name("kari"), no("1"));
    const kari = await world.signIn(sub("kari"), name("kari"), no("1"));
    expect(await world.own(kari, "crm")).toEqual(held(key, [name("kari"), no("1")]));
  });

  test("whoever has none cannot be looked for, except where staff have linked a record", async () => {
    const key = await world.record("crm", no("1"));
    const nobody = await world.signIn(sub("nobody"));
    expect(await world.own(nobody, "crm")).toEqual({ state: "NOT_VERIFIED" });
    await world.link(nobody.id, "crm", no("1"));
    const linked = await world.signIn(sub("nobody"));
    expect(await world.own(linked, "crm")).toEqual(held(key, no("1")));
    expect(await world.own(linked, "learning")).toEqual({ state: "NOT_VERIFIED" });
  });

  test("a customer number in somebody's record leads nowhere without configuration", async () => {
    await world.record("learning", name("kari"), no("1"));
    await world.record("crm", name("other"), no("1"));
    const kari = await world.signIn(sub("kari"), name("kari"));
    expect(await world.own(kari, "crm")).toEqual(notHeld());
    expect(await world.own(kari, "crm", [{ ...reference, to: "mailing" }])).toEqual(notHeld());
    expect(await world.own(kari, "crm", [{ ...reference, kind: "USERNAME" }])).toEqual(notHeld());
  });
});

describe("two persons with one verified address", () => {
  const both = async () => {
    const anne = await world.signIn(sub("anne"), name("anne"), name("berg"));
    const per = await world.signIn(sub("per"), name("per"), name("berg"));
    return [anne, per] as const;
  };
  const again = (who: string) => world.signIn(sub(who), name(who), name("berg"));

  test("and one record: nobody's, until staff link it to one", async () => {
    const key = await world.record("crm", name("berg"), no("1"));
    const [anne, per] = await both();
    expect(await world.own(anne, "crm")).toEqual(review("CLAIMED_BY_ANOTHER", key));
    expect(await world.own(per, "crm")).toEqual(review("CLAIMED_BY_ANOTHER", key));
    expect(await world.reviews(anne.id)).toEqual(["crm"]);
    await world.link(anne.id, "crm", no("1"));
    expect(await world.own(await again("anne"), "crm")).toEqual(held(key, no("1")));
    expect(await world.own(await again("per"), "crm")).toEqual(notHeld(1));
    expect([await world.reviews(anne.id), await world.reviews(per.id)]).toEqual([[], []]);
    // Taken back: not Anne's, which leaves it to Per, whom nobody contests any more.
    await world.unlink(anne.id, "crm", key);
    expect(await world.own(await again("anne"), "crm")).toEqual(notHeld(1));
    expect(await world.own(await again("per"), "crm")).toEqual(held(key, name("berg")));
    // And linked after all.
    await world.link(anne.id, "crm", no("1"));
    expect(await world.own(await again("anne"), "crm")).toEqual(held(key, no("1")));
    expect(await world.own(await again("per"), "crm")).toEqual(notHeld(1));
  });

  test("linked to both by mistake: nobody's", async () => {
    const key = await world.record("crm", name("berg"), no("1"));
    for (const { id } of await both()) await world.link(id, "crm", no("1"));
    for (const who of ["anne", "per"]) {
      expect(await world.own(await again(who), "crm")).toEqual(review("CLAIMED_BY_ANOTHER", key));
    }
  });

  test("and two records: each by a link of their own, and nothing by elimination", async () => {
    const annes = await world.record("crm", name("berg"), no("1"));
    const pers = await world.record("crm", name("berg"), no("2"));
    const [anne, per] = await both();
    for (const person of [anne, per]) {
      expect(await world.own(person, "crm")).toEqual(review("SEVERAL_RECORDS", annes, pers));
      expect(await world.staff(person.id, "crm")).toEqual(review("SEVERAL_RECORDS", annes, pers));
    }
    await world.link(anne.id, "crm", no("1"));
    expect(await world.own(await again("anne"), "crm")).toEqual(held(annes, no("1"), 1));
    expect(await world.own(await again("per"), "crm")).toEqual(review("SEVERAL_RECORDS", annes, pers));
    expect(await world.reviews(per.id)).toEqual(["crm"]);
    await world.link(per.id, "crm", no("2"));
    expect(await world.own(await again("anne"), "crm")).toEqual(held(annes, no("1"), 1));
    expect(await world.own(await again("per"), "crm")).toEqual(held(pers, no("2"), 1));
    expect(await world.reviews(per.id)).toEqual([]);
  });

  test("a record that answers to both is not one's because the other is linked to another record", async () => {
    const annes = await world.record("crm", name("anne"), no("1"));
    const shared = await world.record("crm", name("berg"), no("2"));
    const [anne, per] = await both();
    expect(await world.own(anne, "crm")).toEqual(review("SEVERAL_RECORDS", annes, shared));
    await world.link(anne.id, "crm", no("1"));
    expect(await world.own(await again("anne"), "crm")).toEqual(held(annes, no("1"), 1));
    expect(await world.own(per, "crm")).toEqual(review("CLAIMED_BY_ANOTHER", shared));
    // Nor because what the other is linked to is gone.
    await world.remove("crm", annes);
    expect(await world.own(await again("anne"), "crm")).toEqual(review("CLAIMED_BY_ANOTHER", shared));
    expect(await world.own(per, "crm")).toEqual(review("CLAIMED_BY_ANOTHER", shared));
  });
});

describe("a link", () => {
  test("leads to a record under an earlier address, and away from what is found otherwise", async () => {
    const earlier = await world.record("crm", name("lie"), no("1"));
    const another = await world.record("crm", name("aas"));
    const ingrid = await world.signIn(sub("aas"), name("aas"));
    expect(await world.own(ingrid, "crm")).toEqual(held(another, name("aas")));
    await world.link(ingrid.id, "crm", name("lie"));
    const linked = await world.signIn(sub("aas"), name("aas"));
    expect(await world.own(linked, "crm")).toEqual(held(earlier, name("lie"), 1));
    // In that source alone.
    await world.record("learning", name("lie"));
    expect(await world.own(linked, "learning")).toEqual(notHeld());
  });

  test("that leads to nothing any more leaves the person's own identifiers", async () => {
    const earlier = await world.record("crm", name("lie"));
    const ingrid = await world.signIn(sub("aas"), name("aas"));
    await world.link(ingrid.id, "crm", name("lie"));
    await world.remove("crm", earlier);
    const present = await world.record("crm", name("aas"));
    const linked = await world.signIn(sub("aas"), name("aas"));
    expect(await world.own(linked, "crm")).toEqual(held(present, name("aas")));
  });

  test("that has come to lead to several records leads to none", async () => {
    const one = await world.record("crm", name("lie"));
    const ingrid = await world.signIn(sub("aas"), name("aas"));
    await world.link(ingrid.id, "crm", name("lie"));
    const two = await world.record("crm", name("lie"));
    const linked = await world.signIn(sub("aas"), name("aas"));
    expect(await world.own(linked, "crm")).toEqual(review("SEVERAL_RECORDS", one, two));
  });
});

describe("a reference", () => {
  const turid = () => world.signIn(sub("turid"), name("turid"));

  test("leads to the record that answers to nothing else of the person", async () => {
    await world.record("learning", name("turid"), no("1"));
    const key = await world.record("crm", name("earlier"), no("1"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(held(key, no("1")));
    expect(await world.staff((await turid()).id, "crm", [reference])).toEqual(held(key, no("1")));
    expect(await world.people.knownBy(no("1"), ["crm"])).toEqual([(await turid()).id]);
  });

  test("is not followed where something answers directly", async () => {
    await world.record("learning", name("turid"), no("1"));
    const own = await world.record("crm", name("turid"));
    await world.record("crm", name("earlier"), no("1"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(held(own, name("turid")));
    await world.unlink((await turid()).id, "crm", own);
    expect(await world.own(await turid(), "crm", [reference])).toEqual(notHeld(1));
  });

  test("to several records leads to none", async () => {
    await world.record("learning", name("turid"), no("1"));
    const one = await world.record("crm", no("1"));
    const two = await world.record("crm", no("1"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(review("SEVERAL_RECORDS", one, two));
  });

  test("from a source that cannot be asked: unknown, never 'nothing held'", async () => {
    await world.record("learning", name("turid"), no("1"));
    await world.record("crm", no("1"));
    const person = await turid();
    await world.open("learning", false);
    try {
      const finding = world.own(person, "crm", [reference]);
      await expect(finding).rejects.toThrow(SourceUnavailable);
      await expect(finding).rejects.toMatchObject({ source: "learning" });
    } finally {
      await world.open("learning", true);
    }
  });

  test("from a match that is not settled: not settled either, never 'nothing held'", async () => {
    const one = await world.record("learning", name("turid"), no("1"));
    const key = await world.record("crm", no("1"));
    await world.record("learning", name("turid"), no("2"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(review("SEVERAL_RECORDS", key));
    // Nothing of the several leads anywhere: then nothing is held, whichever is hers.
    await world.remove("crm", key);
    expect(await world.own(await turid(), "crm", [reference])).toEqual(notHeld());
    await world.remove("learning", one);
    const other = await world.record("crm", no("2"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(held(other, no("2")));
  });

  test("to a record that another has verified: nobody's, whoever came first", async () => {
    await world.record("learning", name("turid"), no("1"));
    const key = await world.record("crm", name("other"), no("1"));
    const other = await world.signIn(sub("other"), name("other"));
    expect(await world.own(other, "crm", [reference])).toEqual(held(key, name("other")));
    const person = await turid();
    expect(await world.own(person, "crm", [reference])).toEqual(review("CLAIMED_BY_ANOTHER", key));
    expect(await world.own(other, "crm", [reference])).toEqual(review("CLAIMED_BY_ANOTHER", key));
    await world.link(other.id, "crm", no("1"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(notHeld(1));
    expect(await world.staff(other.id, "crm", [reference])).toEqual(held(key, no("1")));
  });

  test("counts no more once it leads elsewhere", async () => {
    const account = await world.record("learning", name("turid"), no("1"));
    const key = await world.record("crm", name("other"), no("1"));
    await world.own(await turid(), "crm", [reference]);
    const other = await world.signIn(sub("other"), name("other"));
    expect(await world.own(other, "crm", [reference])).toEqual(review("CLAIMED_BY_ANOTHER", key));
    await world.remove("learning", account);
    await world.record("learning", name("turid"), no("2"));
    expect(await world.own(await turid(), "crm", [reference])).toEqual(notHeld());
    expect(await world.people.knownBy(no("1"), ["crm"])).toEqual([]);
    expect(await world.own(other, "crm", [reference])).toEqual(held(key, name("other")));
  });
});

describe("whom staff have found", () => {
  test("has the record for staff, until somebody shows to be the one", async () => {
    const key = await world.record("crm", name("kari"), no("1"));
    const found = await world.people.enrolFound(no("1"));
    expect(await world.staff(found.id, "crm")).toEqual(held(key, no("1")));
    const kari = await world.signIn(sub("kari"), name("kari"));
    expect(kari.id).not.toBe(found.id);
    expect(await world.staff(found.id, "crm")).toEqual(review("CLAIMED_BY_ANOTHER", key));
    expect(await world.staff(kari.id, "crm")).toMatchObject({ state: "HELD", foundAs: [found.id] });
    // Only the person's own look makes them one.
    expect((await world.people.byId(found.id))?.id).toBe(found.id);
    expect(await world.own(kari, "crm")).toEqual(held(key, name("kari")));
    expect((await world.people.byId(found.id))?.id).toBe(kari.id);
    expect((await world.people.byIds([found.id, kari.id])).map(({ id }) => id)).toEqual([kari.id]);
    expect(await world.reviews(found.id)).toEqual([]);
  });

  test("by a number that somebody else's own record names is nobody but whose number it is", async () => {
    const theirs = await world.record("crm", name("owner"), no("1"));
    const found = await world.people.enrolFound(no("1"));
    // As whoever fills in a form may write anybody's.
    const writers = await world.record("learning", name("writer"), no("1"));
    const writer = await world.signIn(sub("writer"), name("writer"));
    expect(await world.own(writer, "learning")).toEqual(held(writers, name("writer")));
    expect((await world.people.byId(found.id))?.id).toBe(found.id);
    const owner = await world.signIn(sub("owner"), name("owner"));
    expect(await world.own(owner, "crm")).toMatchObject({ state: "HELD", record: { key: theirs } });
    // That the number stands in another's record as well leaves open whose letter it is: staff settle it.
    expect((await world.people.byId(found.id))?.id).toBe(found.id);
    await world.remove("learning", writers);
    await world.own(owner, "crm");
    expect((await world.people.byId(found.id))?.id).toBe(owner.id);
  });

  test("is not made one with anybody while a system that may tell otherwise does not answer", async () => {
    await world.record("crm", name("kari"), no("1"));
    const found = await world.people.enrolFound(no("1"));
    const kari = await world.signIn(sub("kari"), name("kari"));
    await world.open("learning", false);
    try {
      expect(await world.own(kari, "crm")).toMatchObject({ state: "HELD", foundAs: [] });
    } finally {
      await world.open("learning", true);
    }
    expect((await world.people.byId(found.id))?.id).toBe(found.id);
    await world.own(kari, "crm");
    expect((await world.people.byId(found.id))?.id).toBe(kari.id);
  });

  test("twice, by two identifiers of one record, is one person, whom both lead to", async () => {
    const one = await world.people.enrolFound(name("one"));
    const two = await world.people.enrolFound(no("1"));
    const key = await world.record("crm", name("one"), no("1"));
    expect(await world.staff(one.id, "crm")).toEqual(expect.objectContaining({ state: "HELD" }));
    const both = await world.people.byId(two.id);
    expect(both?.id).toBe(one.id);
    expect(both?.identity.identifiers).toEqual(expect.arrayContaining([name("one"), no("1")]));
    expect(await world.staff(two.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
  });

  test("twice, where staff have settled a match of one of them, has the record in neither form", async () => {
    const one = await world.people.enrolFound(name("one"));
    const two = await world.people.enrolFound(no("1"));
    const key = await world.record("crm", name("one"), no("1"));
    const elsewhere = await world.record("learning", name("other"));
    await world.link(two.id, "learning", name("other"), elsewhere);
    expect(await world.staff(one.id, "crm")).toEqual(review("CLAIMED_BY_ANOTHER", key));
    expect((await world.people.byId(two.id))?.id).toBe(two.id);
  });

  test("by an identifier that leads to several records is nobody in particular", async () => {
    const annes = await world.record("crm", name("anne"), no("1"));
    await world.record("crm", name("per"), no("1"));
    const found = await world.people.enrolFound(no("1"));
    const anne = await world.signIn(sub("anne"), name("anne"));
    expect(await world.own(anne, "crm")).toEqual(held(annes, name("anne")));
    expect((await world.people.byId(found.id))?.id).toBe(found.id);
  });

  test("and linked, brings the record to whoever signs in by the identifier", async () => {
    const key = await world.record("crm", name("lie"), no("1"));
    const found = await world.people.enrolFound(name("aas"));
    await world.link(found.id, "crm", name("lie"), key);
    const ingrid = await world.signIn(sub("aas"), name("aas"));
    expect(await world.own(ingrid, "crm")).toEqual(held(key, name("lie")));
    expect((await world.people.byId(found.id))?.id).toBe(ingrid.id);
  });

  test("and linked to a record does not bring that record to whoever has another", async () => {
    const pers = await world.record("crm", name("per"), no("1"));
    const annes = await world.record("learning", name("anne"), no("1"));
    const found = await world.people.enrolFound(no("1"));
    await world.link(found.id, "crm", name("per"));
    const anne = await world.signIn(sub("anne"), name("anne"));
    expect(await world.own(anne, "learning")).toEqual(held(annes, name("anne")));
    const again = await world.signIn(sub("anne"), name("anne"));
    expect(await world.own(again, "crm")).toEqual(notHeld());
    expect(await world.staff(found.id, "crm")).toEqual(held(pers, name("per")));
  });
});

test("a match that needs review is put on the list once, and taken off by itself", async () => {
  const first = await world.record("crm", name("kari"));
  const second = await world.record("crm", name("kari"));
  const kari = await world.signIn(sub("kari"), name("kari"));
  for (let n = 0; n < 3; n++) await world.own(await world.signIn(sub("kari"), name("kari")), "crm");
  expect(await world.reviews(kari.id)).toEqual(["crm"]);
  await world.remove("crm", second);
  const again = await world.signIn(sub("kari"), name("kari"));
  expect(again.underReview).toEqual(new Set(["crm"]));
  expect(await world.own(again, "crm")).toEqual(held(first, name("kari")));
  expect(await world.reviews(kari.id)).toEqual([]);
});
