import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Identifier } from "../../src/sources/contract.ts";
import type { Person, Viewer } from "../../src/sources/data-subject.ts";
import { createSourceReader, SourceUnavailable } from "../../src/sources/loader.ts";
import { dbOf } from "../../src/store/tables.ts";
import { claimsFor } from "../../src/subjects/claims.ts";
import { createMatchNotes } from "../../src/subjects/match-notes.ts";
import { Matching } from "../../src/subjects/matching.ts";
import { identifierHash } from "../../src/subjects/people.ts";
import { countReviews } from "../../src/subjects/review-rows.ts";
import { createReviews, type Review, type Reviews } from "../../src/subjects/reviews.ts";
import { RowRefused } from "../../src/subjects/row-refused.ts";
import { restrict } from "../setup/standing.ts";
import { email, makeWorld, number, systems, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

let count = 0;
beforeEach(async () => {
  count += 1;
  await dbOf(world.parts.store).deleteFrom("match_review").execute();
});
const name = (local: string) => email(`${local}.${count}@example.com`);

const dpo: Viewer = { as: "staff", roles: new Set(["DPO"]), purpose: "DATA_SUBJECT_RIGHTS" };
const support: Viewer = { as: "staff", roles: new Set(["SUPPORT"]), purpose: "CUSTOMER_SUPPORT" };

/** The work list of one request. SUPPORT reads the CRM alone. */
function request(): Reviews {
  const { parts, people } = world;
  const reader = createSourceReader(world.sources);
  const hashes = {
    hashIdentifier: identifierHash(parts.keyring.hash("identifier")),
    hashRecord: parts.keyring.hash("record"),
  };
  const db = dbOf(parts.store);
  const claims = claimsFor(db)();
  const notes = createMatchNotes(parts, people);
  const records = new Matching({ reader, claims, references: [], ...hashes, notes });
  const readable = ({ roles }: Pick<Viewer, "roles">) => (roles.has("DPO") ? [...systems] : ["crm"]);
  return createReviews({ db, people, records, claims, readable, ...hashes });
}

interface Waiting {
  readonly person: Person;
  /** Two records in the CRM that answer to the person. */
  readonly keys: readonly [string, string];
}

async function waiting(who: string): Promise<Waiting> {
  const keys = [await world.record("crm", name(who)), await world.record("crm", name(who))] as const;
  const person = await world.signIn(`${who}.${count}`, name(who));
  await world.own(person, "crm");
  return { person, keys };
}
const several = async (n: number) => {
  const all: Waiting[] = [];
  for (let i = 0; i < n; i++) all.push(await waiting(`person${i}`));
  return all;
};
const idsOf = (reviews: readonly Review[]) => reviews.map(({ subject }) => subject.id);
const settle = ({ keys: [, second] }: Waiting) => world.remove("crm", second);

/** Every page from the start, each by a request of its own; `between`: what happens after each. */
async function pages(first: number, between: () => Promise<unknown> = async () => undefined) {
  const seen: string[][] = [];
  for (let after: string | undefined, more = true; more;) {
    const { reviews, hasNextPage } = await request().page(dpo, first, after);
    seen.push(idsOf(reviews));
    after = reviews.at(-1)?.cursor;
    more = hasNextPage;
    await between();
  }
  return seen;
}

describe("the pages of the work list", () => {
  test("are oldest first, none twice and none left out, also where many were noticed at the same moment", async () => {
    const all = await several(7);
    await dbOf(world.parts.store)
      .updateTable("match_review")
      .set({ opened_at: new Date("2026-01-01T12:00:00.123Z") })
      .where(
        "subject_id",
        "in",
        all.slice(2).map(({ person }) => person.id),
      )
      .execute();
    const seen = await pages(2);
    expect(seen.map((page) => page.length)).toEqual([2, 2, 2, 1]);
    const same = all.slice(2).map(({ person }) => person.id);
    expect(seen.flat()).toEqual([...same.sort(), all[0]?.person.id, all[1]?.person.id]);
  });

  test("leave out what no longer waits, which is off the list then, and say rightly whether there are more", async () => {
    const all = await several(6);
    const [first, second, third, ...rest] = all;
    if (!first || !second || !third) throw new Error("too few");
    for (const each of [second, ...rest]) await settle(each);
    expect(await countReviews(dbOf(world.parts.store))).toBe(6);
    const page = await request().page(dpo, 2, undefined);
    expect(idsOf(page.reviews)).toEqual([first.person.id, third.person.id]);
    expect(page.hasNextPage).toBe(false);
    expect(await countReviews(dbOf(world.parts.store))).toBe(2);
    await settle(first);
    await settle(third);
    expect(await request().page(dpo, 2, undefined)).toEqual({ reviews: [], hasNextPage: false });
    expect(await request().count(dpo)).toBe(0);
  });

  test("go on after a review that has been settled since", async () => {
    const all = await several(5);
    let settled = 0;
    const seen = await pages(2, async () => {
      const next = all[settled];
      settled += 2;
      if (next) await settle(next);
    });
    expect(seen.flat()).toEqual(all.map(({ person }) => person.id));
  });
});

test("a review tells the problem as it is now", async () => {
  const { person, keys } = await waiting("anne");
  const before = await request().page(dpo, 1, undefined);
  expect(before.reviews[0]).toMatchObject({
    problem: "SEVERAL_RECORDS",
    answer: keys.map((key) => expect.objectContaining({ key })),
  });
  await world.remove("crm", keys[1]);
  await world.signIn(`per.${count}`, name("anne"));
  const { reviews } = await request().page(dpo, 1, undefined);
  expect(reviews[0]).toMatchObject({
    subject: { id: person.id },
    problem: "CLAIMED_BY_ANOTHER",
    answer: [expect.objectContaining({ key: keys[0] })],
    openedAt: before.reviews[0]?.openedAt,
  });
});

test("whoever reads one system sees what waits there, counted by itself", async () => {
  await waiting("anne");
  const shared: Identifier = name("shared");
  await world.record("learning", shared);
  for (const who of ["eva", "siv"]) await world.signIn(`${who}.${count}`, name(who), shared);
  for (const who of ["eva", "siv"]) {
    const person = await world.signIn(`${who}.${count}`, name(who), shared);
    await world.own(person, "learning");
  }
  const sourcesFor = async (viewer: Viewer) =>
    (await request().page(viewer, 10, undefined)).reviews.map(({ source }) => source);
  expect(await sourcesFor(dpo)).toEqual(["crm", "learning", "learning"]);
  expect(await request().count(dpo)).toBe(3);
  expect(await sourcesFor(support)).toEqual(["crm"]);
  expect(await request().count(support)).toBe(1);
});

test("what a system that is down cannot say stays on the list", async () => {
  const all = await several(3);
  await world.open("crm", false);
  try {
    const list = request();
    const { reviews, hasNextPage } = await list.page(dpo, 2, undefined);
    expect(idsOf(reviews)).toEqual(all.slice(0, 2).map(({ person }) => person.id));
    expect(hasNextPage).toBe(true);
    for (const review of reviews) {
      expect(review.problem).toBe("SEVERAL_RECORDS");
      await expect(list.candidates(review)).rejects.toBeInstanceOf(SourceUnavailable);
    }
  } finally {
    await world.open("crm", true);
  }
  expect(await countReviews(dbOf(world.parts.store))).toBe(3);
});

describe("the candidates", () => {
  test("come with whom else they answer to", async () => {
    const keys = [
      await world.record("crm", name("berg"), number("1")),
      await world.record("crm", name("berg")),
    ];
    const anne = await world.signIn(`anne.${count}`, name("berg"));
    const per = await world.signIn(`per.${count}`, name("berg"));
    const found = await world.people.enrolFound(number("1"));
    await world.own(anne, "crm");
    const list = request();
    const [review] = (await list.page(dpo, 1, undefined)).reviews;
    if (!review) throw new Error("nothing waits");
    const { records, others } = await list.candidates(review);
    expect(records.map(({ key }) => key)).toEqual(keys);
    expect([...others].sort()).toEqual([per.id, found.id].sort());
  });

  test.each(["the person waits", "another has a claim"])(
    "are kept from SUPPORT, not from the DPO, where processing is restricted of whom %s",
    async (which) => {
      const { person } = await waiting("anne");
      const per = await world.signIn(`per.${count}`, name("anne"));
      const restricted = which === "the person waits" ? person : per;
      await restrict(world.parts, restricted.id, {
        sources: ["crm"],
        reason: "disputed",
        since: new Date(0),
      });
      const candidatesFor = async (viewer: Viewer) => {
        const list = request();
        const review = (await list.page(viewer, 5, undefined)).reviews.find(
          ({ subject }) => subject.id === person.id,
        );
        if (!review) throw new Error("nothing waits");
        return list.candidates(review);
      };
      expect((await candidatesFor(dpo)).records).toHaveLength(2);
      const refused = await candidatesFor(support).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(RowRefused);
      expect(refused).toMatchObject({ subjectId: restricted.id, refusal: "PROCESSING_RESTRICTED" });
    },
  );

  test("are shown to SUPPORT where only another system is restricted", async () => {
    const { person } = await waiting("anne");
    await restrict(world.parts, person.id, { sources: ["learning"], reason: "disputed", since: new Date(0) });
    const list = request();
    const [review] = (await list.page(support, 1, undefined)).reviews;
    if (!review) throw new Error("nothing waits");
    expect((await list.candidates(review)).records).toHaveLength(2);
  });
});
