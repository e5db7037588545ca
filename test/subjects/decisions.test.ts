import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { decisionEntry } from "../../src/graphql/decision-entry.ts";
import type { Identifier } from "../../src/sources/contract.ts";
import type { Viewer } from "../../src/sources/data-subject.ts";
import { createSourceReader, SourceUnavailable } from "../../src/sources/loader.ts";
import { dbOf } from "../../src/store/tables.ts";
import { reasonColumn } from "../../src/subjects/absorb.ts";
import { claimsFor } from "../../src/subjects/claims.ts";
import { createDecisions, type DecisionParts, type Decisions } from "../../src/subjects/decisions.ts";
import { createInTurn } from "../../src/subjects/in-turn.ts";
import { createMatchNotes } from "../../src/subjects/match-notes.ts";
import { Matching } from "../../src/subjects/matching.ts";
import { NotFound } from "../../src/subjects/not-found.ts";
import { identifierHash } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { email, makeWorld, number, reference, systems, type World } from "./world.ts";

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
  const round = ++count;
  name = (local) => email(`${local}.${round}@example.com`);
  no = (value) => number(`K-${round}-${value}`);
});
const signIn = (who: string, ...more: readonly Identifier[]) =>
  world.signIn(`${who}.${count}`, name(who), ...more);

const viewer: Viewer = { as: "staff", roles: new Set(["DPO"]), purpose: "DATA_SUBJECT_RIGHTS" };
const about = (subjectId: string, because = "seen in the correspondence") => ({
  subjectId,
  source: "crm",
  because,
  viewer,
});

/** The decisions of one request; two requests of one replica share `inTurn`. */
function request(over: Partial<DecisionParts> = {}): Decisions {
  const { parts, people } = world;
  const reader = createSourceReader(world.sources);
  const hashes = {
    hashIdentifier: identifierHash(parts.keyring.hash("identifier")),
    hashRecord: parts.keyring.hash("record"),
  };
  const claims = claimsFor(dbOf(parts.store))();
  const notes = createMatchNotes(parts, people);
  const matching = new Matching({ reader, claims, references: [reference], ...hashes, notes });
  return createDecisions({
    register: parts,
    people,
    reader,
    matching,
    ...hashes,
    inTurn: createInTurn(),
    decidedBy: () => "a hash",
    record: async () => undefined,
    ...over,
  });
}

const decisionsOf = (id: string) =>
  dbOf(world.parts.store)
    .selectFrom("match_decision")
    .selectAll()
    .where("subject_id", "=", id)
    .orderBy("at")
    .execute();
const made = async (id: string) => (await decisionsOf(id)).map(({ decision }) => decision);

/** All that a decision could change. */
async function register(): Promise<string> {
  const tables = ["match_decision", "identifier", "match_review", "subject"];
  const contents = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql.table(table)} t
        order by 1`.execute(dbOf(world.parts.store));
      return rows.map(({ row }) => row);
    }),
  );
  return contents.flat().join("\n");
}
const unchanged = async <T>(work: () => Promise<T>): Promise<T> => {
  const before = await register();
  const outcome = await work();
  expect(await register()).toBe(before);
  return outcome;
};

describe("a link", () => {
  test("makes the record the person's at once, and is written down with its reason under their key", async () => {
    const key = await world.record("crm", name("earlier"));
    const ingrid = await signIn("ingrid");
    const entries: string[] = [];
    const decisions = request({
      record: async (event, id, source) => void entries.push(`${event} ${id} ${source}`),
    });
    expect(await decisions.link(about(ingrid.id, "changed her name"), name("earlier"))).toBeNull();
    expect(await world.staff(ingrid.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
    expect(entries).toEqual([`LINKED ${ingrid.id} crm`]);
    const [decision] = await decisionsOf(ingrid.id);
    expect(decision).toMatchObject({
      source: "crm",
      decision: "LINKED",
      record_hashes: [world.parts.keyring.hash("record")("crm", key)],
      decided_by: "a hash",
    });
    const personKey = await keyOfPerson(dbOf(world.parts.store), world.parts, ingrid.id);
    expect(personKey.unseal(decision?.sealed_reason ?? new Uint8Array(), reasonColumn)).toBe(
      "changed her name",
    );
  });

  test("takes the match off the work list", async () => {
    const first = await world.record("crm", name("berg"), no("1"));
    await world.record("crm", name("berg"), no("2"));
    const anne = await signIn("anne", name("berg"));
    expect(await world.own(anne, "crm")).toMatchObject({ state: "NEEDS_REVIEW" });
    expect(await world.reviews(anne.id)).toEqual(["crm"]);
    expect(await request().link(about(anne.id), no("1"))).toBeNull();
    expect(await world.reviews(anne.id)).toEqual([]);
    expect(await world.staff(anne.id, "crm")).toMatchObject({ state: "HELD", record: { key: first } });
  });

  test("that stands already is not made again; by another identifier of the record it is", async () => {
    await world.record("crm", name("earlier"), no("1"));
    const ingrid = await signIn("ingrid");
    await request().link(about(ingrid.id), name("earlier"));
    const never = request({ record: () => Promise.reject(new Error("nothing was decided")) });
    expect(await unchanged(() => never.link(about(ingrid.id, "once more"), name("earlier")))).toBeNull();
    expect(await request().link(about(ingrid.id), no("1"))).toBeNull();
    expect(await made(ingrid.id)).toEqual(["LINKED", "LINKED"]);
  });

  test("settles what another claims by a verified address", async () => {
    const key = await world.record("crm", name("berg"), no("1"));
    const anne = await signIn("anne", name("berg"));
    const per = await signIn("per", name("berg"));
    expect(await world.own(anne, "crm")).toMatchObject({ problem: "CLAIMED_BY_ANOTHER" });
    expect(await request().link(about(anne.id), no("1"))).toBeNull();
    expect(await world.staff(anne.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
    expect(await world.staff(per.id, "crm")).toEqual({ state: "NOT_HELD", settledAside: 1 });
  });

  test("overrides that the record was settled not to be theirs, also where only another identifier leads to it later", async () => {
    const key = await world.record("crm", name("ingrid"), no("1"));
    const ingrid = await signIn("ingrid");
    expect(await request().unlink(about(ingrid.id))).toBeNull();
    expect(await world.staff(ingrid.id, "crm")).toEqual({ state: "NOT_HELD", settledAside: 1 });
    expect(await request().link(about(ingrid.id), no("1"))).toBeNull();
    expect(await world.staff(ingrid.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
    // The link leads nowhere any more; her own address does.
    await world.renumber("crm", key, no("9"));
    expect(await world.staff(ingrid.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
    expect(await request().unlink(about(ingrid.id))).toBeNull();
    expect(await world.staff(ingrid.id, "crm")).toEqual({ state: "NOT_HELD", settledAside: 1 });
  });

  test("of somebody whom staff had found goes to the person who has shown to be them", async () => {
    await world.record("crm", no("1"));
    const found = await world.people.enrolFound(name("kari"));
    const kari = await signIn("kari");
    expect(kari.id).not.toBe(found.id);
    expect(await request().link(about(found.id), no("1"))).toBeNull();
    expect(await made(kari.id)).toEqual(["LINKED"]);
    expect(await made(found.id)).toEqual([]);
  });
});

describe("an unlinking", () => {
  test("says of every record that answers that it is not the person's", async () => {
    const keys = [
      await world.record("crm", name("berg"), no("1")),
      await world.record("crm", name("berg"), no("2")),
      await world.record("crm", no("3")),
    ];
    await world.record("learning", name("anne"), no("3"));
    const anne = await signIn("anne", name("berg"));
    await request().link(about(anne.id), no("1"));
    expect(await request().unlink(about(anne.id))).toBeNull();
    expect(await world.staff(anne.id, "crm", [reference])).toEqual({ state: "NOT_HELD", settledAside: 2 });
    const hashes = keys.map((key) => world.parts.keyring.hash("record")("crm", key)).sort();
    const decision = (await decisionsOf(anne.id)).at(-1);
    expect([...(decision?.record_hashes ?? [])].sort()).toEqual(hashes);
    const origins = await dbOf(world.parts.store)
      .selectFrom("identifier")
      .select("origin")
      .where("subject_id", "=", anne.id)
      .execute();
    expect(new Set(origins.map(({ origin }) => origin))).toEqual(new Set(["VERIFIED"]));
  });

  test("leaves the record to whom else it answers to", async () => {
    const key = await world.record("crm", name("berg"));
    const anne = await signIn("anne", name("berg"));
    const per = await signIn("per", name("berg"));
    await request().unlink(about(anne.id));
    expect(await world.staff(anne.id, "crm")).toEqual({ state: "NOT_HELD", settledAside: 1 });
    expect(await world.staff(per.id, "crm")).toMatchObject({ state: "HELD", record: { key } });
  });

  test("undoes a link whose record is gone", async () => {
    const key = await world.record("crm", no("1"));
    const kari = await signIn("kari");
    await request().link(about(kari.id), no("1"));
    await world.remove("crm", key);
    expect(await request().unlink(about(kari.id))).toBeNull();
    expect(await unchanged(() => request().unlink(about(kari.id)))).toBe("NOTHING_MATCHED");
  });
});

describe("refused, with nothing changed:", () => {
  test("a link to no record, or to several", async () => {
    await world.record("crm", name("berg"));
    await world.record("crm", name("berg"));
    const anne = await signIn("anne");
    expect(await unchanged(() => request().link(about(anne.id), name("nobody")))).toBe("NO_RECORD");
    expect(await unchanged(() => request().link(about(anne.id), name("berg")))).toBe("SEVERAL_RECORDS");
  });

  test("a link to a record that is linked to another, until it is unlinked there", async () => {
    await world.record("crm", no("1"));
    const anne = await signIn("anne");
    const per = await signIn("per");
    await request().link(about(anne.id), no("1"));
    const again = () => request().link(about(per.id), no("1"));
    expect(await unchanged(again)).toBe("LINKED_TO_ANOTHER_PERSON");
    await request().unlink(about(anne.id));
    expect(await again()).toBeNull();
  });

  test("a link to a second record of the system", async () => {
    await world.record("crm", no("1"));
    await world.record("crm", no("2"));
    const anne = await signIn("anne");
    await request().link(about(anne.id), no("1"));
    const second = () => request().link(about(anne.id), no("2"));
    expect(await unchanged(second)).toBe("ANOTHER_RECORD_LINKED");
    expect(await world.staff(anne.id, "crm")).toMatchObject({ state: "HELD" });
    await request().unlink(about(anne.id));
    expect(await second()).toBeNull();
  });

  test("an unlinking where nothing is matched, nor waits", async () => {
    await world.record("crm", name("berg"), no("1"));
    const anne = await signIn("anne", name("berg"));
    const per = await signIn("per", name("berg"));
    await request().link(about(anne.id), no("1"));
    const kari = await signIn("kari");
    for (const { id } of [kari, per])
      expect(await unchanged(() => request().unlink(about(id)))).toBe("NOTHING_MATCHED");
  });

  test("whoever is not known, and what a system that is down has", async () => {
    await world.record("crm", name("kari"), no("1"));
    const kari = await signIn("kari");
    const nobody = about("00000000-0000-4000-8000-000000000000");
    await expect(
      unchanged(() =>
        request()
          .link(nobody, no("1"))
          .catch((e) => e),
      ),
    ).resolves.toBeInstanceOf(NotFound);
    await expect(
      unchanged(() =>
        request()
          .unlink(nobody)
          .catch((e) => e),
      ),
    ).resolves.toBeInstanceOf(NotFound);
    await world.open("crm", false);
    try {
      for (const decide of [
        () => request().link(about(kari.id), no("1")),
        () => request().unlink(about(kari.id)),
      ])
        expect(await unchanged(() => decide().catch((e) => e))).toBeInstanceOf(SourceUnavailable);
    } finally {
      await world.open("crm", true);
    }
    // A reference could lead to a record: without its system nobody can say that there is none.
    await world.open("learning", false);
    try {
      expect(
        await unchanged(() =>
          request()
            .unlink(about(kari.id))
            .catch((e) => e),
        ),
      ).toMatchObject({
        source: "learning",
      });
    } finally {
      await world.open("learning", true);
    }
  });

  test("a decision whose entry is not durable", async () => {
    await world.record("crm", name("kari"), no("1"));
    const kari = await signIn("kari");
    await world.own(kari, "crm");
    const broken = request({ record: () => Promise.reject(new Error("the trail is gone")) });
    await unchanged(async () => {
      await expect(broken.link(about(kari.id), no("1"))).rejects.toThrow("the trail is gone");
      await expect(broken.unlink(about(kari.id))).rejects.toThrow("the trail is gone");
    });
  });
});

describe("two at once", () => {
  const rounds = Array.from({ length: 15 }, (_, round) => String(round));

  test("of one record for two persons: one has it, the other is refused", async () => {
    const persons = [await signIn("anne"), await signIn("per")];
    for (const round of rounds) {
      await world.record("crm", no(round));
      const outcomes = await Promise.all(persons.map(({ id }) => request().link(about(id), no(round))));
      expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(1);
      expect(outcomes).toContain("LINKED_TO_ANOTHER_PERSON");
      await Promise.all(persons.map(({ id }) => request().unlink(about(id))));
    }
  });

  test("of two records for one person: one is linked", async () => {
    const anne = await signIn("anne");
    for (const round of rounds) {
      const numbers = [no(`${round}a`), no(`${round}b`)];
      for (const each of numbers) await world.record("crm", each);
      const outcomes = await Promise.all(numbers.map((each) => request().link(about(anne.id), each)));
      expect([...outcomes].sort()).toEqual(["ANOTHER_RECORD_LINKED", null]);
      expect(await request().unlink(about(anne.id))).toBeNull();
    }
  });

  test("the same link twice is one decision, and the same unlinking is refused once", async () => {
    const anne = await signIn("anne");
    for (const round of rounds) {
      await world.record("crm", no(round));
      const link = () => request().link(about(anne.id), no(round));
      expect(await Promise.all([link(), link()])).toEqual([null, null]);
      const unlink = () => request().unlink(about(anne.id));
      expect((await Promise.all([unlink(), unlink()])).sort()).toEqual(["NOTHING_MATCHED", null]);
    }
    expect(await made(anne.id)).toEqual(rounds.flatMap(() => ["LINKED", "UNLINKED"]));
  });

  test("a link and an unlinking: whichever is last stands whole", async () => {
    const anne = await signIn("anne");
    for (const round of rounds) {
      const key = await world.record("crm", no(round));
      const [linked, unlinked] = await Promise.all([
        request().link(about(anne.id), no(round)),
        request().unlink(about(anne.id)),
      ]);
      expect(linked).toBeNull();
      const match = await world.staff(anne.id, "crm");
      if (unlinked === null) {
        expect(match).toMatchObject({ state: "NOT_HELD" });
      } else {
        expect(match).toMatchObject({ state: "HELD", record: { key } });
        await request().unlink(about(anne.id));
      }
    }
  });

  test("more of them than there are connections all come through, each with its entry", async () => {
    const trail = createAuditTrail(world.parts.store, { key: randomBytes(32) });
    const inTurn = createInTurn();
    const many = Array.from({ length: 40 }, (_, n) => String(n));
    const persons = await Promise.all(many.map((each) => signIn(`somebody${each}`)));
    for (const each of many) await world.record("crm", no(each));
    const record: DecisionParts["record"] = (event, subjectId, source) =>
      trail.record(decisionEntry(event, { subjectId, source, requestId: "many", actorRef: "a hash" }));
    try {
      const outcomes = await Promise.all(
        persons.map(({ id }, n) => request({ inTurn, record }).link(about(id), no(String(n)))),
      );
      expect(outcomes).toEqual(many.map(() => null));
    } finally {
      await trail.close();
    }
    const entries = await dbOf(world.parts.store)
      .withTables<{ audit_entry: { event: string; request_id: string } }>()
      .selectFrom("audit_entry")
      .select("event")
      .where("request_id", "=", "many")
      .execute();
    expect(entries).toEqual(many.map(() => ({ event: "LINKED" })));
  });
});

test("a system by itself: a decision in one says nothing of the other", async () => {
  for (const system of systems) await world.record(system, name("kari"));
  const kari = await signIn("kari");
  await request().unlink(about(kari.id));
  expect(await world.staff(kari.id, "crm")).toMatchObject({ state: "NOT_HELD" });
  expect(await world.staff(kari.id, "learning")).toMatchObject({ state: "HELD" });
});
