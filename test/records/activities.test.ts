import { MapperKind, mapSchema } from "@graphql-tools/utils";
import { type GraphQLSchema, isEnumType } from "graphql";
import { describe, expect, test } from "vitest";
import { inventory } from "../../src/access/inventory.ts";
import type { RecordType } from "../../src/archive/record-type.ts";
import type { PersonalLabel } from "../../src/access/labels.ts";
import { DataCategory, Purpose, type Role, SubjectCategory } from "../../src/access/vocabulary.ts";
import { unguarded } from "../../src/graphql/schema.ts";
import { typesOf } from "../../src/operator/write-testdata.ts";
import { heldHere, purposeSummaries } from "../../src/requests/notice.ts";
import { outsideEea, processorsOf } from "../../src/records/activities.ts";
import type { Records } from "../../src/records/records.ts";
import { takenOf } from "../../src/testdata/type-survey.ts";
import { awkward, configured, madeOf } from "./made.ts";

const of = ({ activities }: Records, purpose: Purpose) => activities.find((each) => each.purpose === purpose);
const systemsOf = (records: Records, purpose: Purpose) => of(records, purpose)?.systems.map(({ key }) => key);
const without = (key: "crm" | "mailing" | "events") => (config: Parameters<typeof awkward>[0]) => {
  const { [key]: _, learning, ...others } = config.sources;
  const sources = { ...others, ...(learning && { learning: { ...learning, references: [] } }) };
  return { ...config, sources };
};

/** The schema in which one field of a type says something else of a person. */
function relabelled(typeName: string, fieldName: string, label: Omit<PersonalLabel, "kind">): GraphQLSchema {
  return mapSchema(unguarded().schema, {
    [MapperKind.OBJECT_FIELD]: (field, name, type) =>
      type === typeName && name === fieldName
        ? { ...field, extensions: { label: { kind: "personal", ...label } } }
        : undefined,
  });
}

describe("the labels make the records", () => {
  const label = {
    source: "events",
    category: "TECHNICAL",
    purposes: ["BOOKKEEPING"],
    retention: { period: "P9M", after: "startsAt" },
    special: true,
    keptBy: [{ ground: "WARRANTY" }],
  } as const satisfies Omit<PersonalLabel, "kind">;

  test("a label that is changed changes them", () => {
    const before = of(madeOf(), "BOOKKEEPING")!;
    expect(before).toMatchObject({ special: false });
    expect(before.categories).not.toContain("TECHNICAL");
    const after = of(
      madeOf(undefined, inventory(relabelled("Registration", "status", label))),
      "BOOKKEEPING",
    )!;
    expect(after.categories).toEqual([...before.categories, "TECHNICAL"].sort());
    expect(after.retention).toEqual([...before.retention, "P9M after startsAt"].sort());
    expect(after.systems.map(({ key }) => key)).toEqual([...before.systems.map(({ key }) => key), "events"]);
    expect(processorsOf(after).map(({ name }) => name)).toContain("Påmelding AS");
    expect(after.subjects).toContain("PARTICIPANT");
    expect(after.special).toBe(true);
    expect(after.keptByLaw).toContain("WARRANTY");
  });

  test("a label that opens a purpose to a role makes it a reader", () => {
    const readers = (category: DataCategory) => {
      const opened = { ...label, category, purposes: ["EVENT_ADMINISTRATION"] as const };
      const schema = relabelled("Registration", "status", opened);
      const labelled = inventory(schema).filter(({ coordinate }) => coordinate === "Registration.status");
      return of(madeOf(undefined, labelled), "EVENT_ADMINISTRATION")?.readableBy;
    };
    expect(readers("SPECIAL_NEED")).toEqual<Role[]>(["EVENTS", "DPO"]);
    expect(readers("CONTACT")).toEqual<Role[]>(["EVENTS"]);
    expect(readers("TECHNICAL")).toEqual<Role[]>([]);
  });
});

test("they say what the notice to persons says, of every purpose that it has", () => {
  const records = madeOf();
  const systems = [...configured().sources.keys()].map((key) => ({ key }));
  const told = purposeSummaries(heldHere(inventory(unguarded().schema), systems));
  expect(told.length).toBeGreaterThan(10);
  for (const { purpose, legalBasis, categories, retention } of told) {
    expect(of(records, purpose)).toMatchObject({ purpose, legalBasis, retention });
    expect(of(records, purpose)?.categories).toEqual(expect.arrayContaining([...categories]));
  }
});

test("the notice names no purpose that only a system which is not connected would be used for", () => {
  const told = (...keys: readonly string[]) =>
    purposeSummaries(
      heldHere(
        inventory(unguarded().schema),
        keys.map((key) => ({ key })),
      ),
    ).map(({ purpose }) => purpose);
  expect(told("crm", "mailing")).toContain("NEWSLETTER");
  expect(told("crm")).not.toContain("NEWSLETTER");
  expect(told("crm")).toContain("TESTING");
  expect(told().sort()).toEqual(["AUDIT", "DATA_SUBJECT_RIGHTS", "DISCLOSURE_TO_AUTHORITIES"]);
});

describe("which purposes are there", () => {
  const purposes = (records: Records) => records.activities.map(({ purpose }) => purpose);

  test("those that something is held for or disclosed for, in the order of the contract", () => {
    expect(purposes(madeOf())).toEqual(Object.values(Purpose));
  });

  test("one that a recipient alone makes has what the recipient is given, and no system", () => {
    expect(of(madeOf(), "PARTNER_MARKETING")).toMatchObject({
      legalBasis: "CONSENT",
      categories: ["CONTACT", "IDENTITY"],
      systems: [],
      retention: [],
      readableBy: [],
      recipients: [{ name: "Meta Platforms Ireland Ltd" }],
    });
  });

  test("none that only a system which is not connected would be used for", () => {
    expect(purposes(madeOf(without("events")))).not.toContain("EVENT_ADMINISTRATION");
    expect(systemsOf(madeOf(without("mailing")), "PROFILE_TAILORING")).toEqual([
      "crm",
      "learning",
      "website",
    ]);
    const unconnected = madeOf((config) => ({
      ...without("crm")(config),
      organisation: { ...config.organisation, recipients: [] },
    }));
    expect(purposes(unconnected)).not.toContain("PARTNER_MARKETING");
    expect(of(unconnected, "BOOKKEEPING")).toBeUndefined();
  });
});

test("rights concern all that may be read for them, accounting what the gateway keeps", () => {
  const records = madeOf();
  expect(of(records, "DATA_SUBJECT_RIGHTS")?.categories).toEqual(
    expect.arrayContaining(["PURCHASE", "SPECIAL_NEED"]),
  );
  expect(systemsOf(records, "DATA_SUBJECT_RIGHTS")).toEqual([
    "crm",
    "learning",
    "mailing",
    "events",
    "website",
  ]);
  expect(of(records, "DATA_SUBJECT_RIGHTS")?.readableBy).toEqual<Role[]>(["SUBJECT", "DPO"]);
  expect(of(records, "AUDIT")).toMatchObject({
    categories: ["ACCESS_LOG", "CONSENT", "RIGHTS_REQUEST"],
    systems: [],
    heldByGateway: true,
    subjects: ["CUSTOMER", "LEARNER", "SUBSCRIBER", "PARTICIPANT", "VISITOR", "EMPLOYEE"],
    readableBy: ["DPO"],
  });
});

describe("what authorities may order", () => {
  const ordered = (records: Records) => of(records, "DISCLOSURE_TO_AUTHORITIES");

  test("is all that a disclosure may be written down of, of every system, and special", () => {
    const input = unguarded().schema.getType("DataCategory");
    const takes = isEnumType(input) ? input.getValues().map(({ name }) => name) : [];
    expect(takes.length).toBeGreaterThan(10);
    expect(ordered(madeOf())).toMatchObject({
      legalBasis: "LEGAL_OBLIGATION",
      categories: takes.toSorted(),
      special: true,
      retention: ["P5Y after at"],
      subjects: Object.values(SubjectCategory),
      recipients: [],
      recipientCategories: [
        { role: "AUTHORITY", country: "NO", name: { en: "Public authorities in Norway that order it" } },
      ],
    });
    expect(systemsOf(madeOf(), "DISCLOSURE_TO_AUTHORITIES")).toEqual([...configured().sources.keys()]);
    expect(systemsOf(madeOf(without("events")), "DISCLOSURE_TO_AUTHORITIES")).not.toContain("events");
  });

  test("goes to no such recipient for another purpose", () => {
    const others = madeOf().activities.filter(({ purpose }) => purpose !== "DISCLOSURE_TO_AUTHORITIES");
    expect(others.flatMap(({ recipientCategories }) => recipientCategories)).toEqual([]);
  });
});

describe("what test data is made from", () => {
  /** As the command goes through the schema. */
  const takenFrom = (fields: RecordType["fields"]): readonly DataCategory[] =>
    takenOf(fields).flatMap((field) => [
      ...(field.label ? [field.label.category] : []),
      ...("list" in field ? takenFrom(field.list) : []),
    ]);

  test("is what the command takes of every system", () => {
    const testing = of(madeOf(), "TESTING");
    const keys = [...configured().sources.keys()];
    const types = keys
      .map(typesOf)
      .flatMap(({ record, lists }) => [record, ...lists.map(({ type }) => type)]);
    const taken = new Set(types.flatMap(({ fields }) => takenFrom(fields)));
    const beyond = testing?.systems.flatMap(({ other }) => other) ?? [];
    expect(taken.size).toBeGreaterThan(8);
    expect(beyond.length).toBeGreaterThan(0);
    expect(testing?.categories).toEqual([...new Set([...taken, ...beyond])].sort());
    expect(systemsOf(madeOf(), "TESTING")).toEqual(keys);
    expect(testing).toMatchObject({ special: false });
    expect(testing?.categories).not.toContain("SPECIAL_NEED");
  });

  test("is there though nothing is held for it alone, and is told to persons", () => {
    const labelled = inventory(unguarded().schema);
    const crm = heldHere(labelled, [{ key: "crm" }]);
    const told = purposeSummaries(crm).find(({ purpose }) => purpose === "TESTING");
    expect(told).toMatchObject({ legalBasis: "LEGITIMATE_INTERESTS", retention: [] });
    expect(told?.categories).toEqual(expect.arrayContaining(["IDENTITY", "PURCHASE"]));
  });
});

test("what systems hold beyond the common model is there, in the categories that the configuration names", () => {
  const information = of(madeOf(), "CUSTOMER_INFORMATION");
  expect(information?.categories).toEqual(expect.arrayContaining(["CONVERSATION", "RIGHTS_REQUEST"]));
  expect(information).toMatchObject({ heldByGateway: false });
});

test("a purpose is about those whom its systems are about", () => {
  const records = madeOf();
  expect(of(records, "NEWSLETTER")?.subjects).toEqual(["SUBSCRIBER"]);
  expect(of(records, "BOOKKEEPING")?.subjects).toEqual(["CUSTOMER"]);
});

test("transfers are to those outside the EEA, whatever else names a safeguard", () => {
  const newsletter = of(madeOf(awkward), "NEWSLETTER")!;
  const parties = [...processorsOf(newsletter), ...newsletter.recipients];
  expect(outsideEea(parties).map(({ name }) => name)).toEqual(["Far Mail", "Ads Inc"]);
  expect(outsideEea([{ country: "NO" }, { country: "IS" }, { country: "GB" }])).toEqual([{ country: "GB" }]);
});

describe("security measures", () => {
  const said = (records: Records, purpose: Purpose) =>
    (of(records, purpose)?.measures ?? []).map(({ text }) => text.en).join("\n");

  test("are as the configuration makes them", () => {
    const strict = madeOf((config) => ({
      ...config,
      searches: { perMinute: 7, perDay: 70 },
      erasure: { stepUp: { acrValues: ["loa-9"], maxAgeSeconds: 11 } },
    }));
    expect(said(strict, "NEWSLETTER")).toContain("at most 7 times a minute and 70 times a day");
    expect(said(strict, "DATA_SUBJECT_RIGHTS")).toContain("level loa-9, at most 11 seconds old");
  });

  test("are those that concern the purpose", () => {
    const records = madeOf();
    expect(said(records, "NEWSLETTER")).toContain("Without consent");
    expect(said(records, "BOOKKEEPING")).not.toContain("Without consent");
    expect(said(records, "AUDIT")).toContain("AES-256-GCM");
    expect(said(records, "BOOKKEEPING")).not.toContain("AES-256-GCM");
  });

  test("have those of the organisation after those of the gateway", () => {
    expect(of(madeOf(awkward), "AUDIT")?.measures.at(-1)).toMatchObject({
      kind: "OWN",
      text: { en: "+Lock & bolt" },
    });
  });
});
