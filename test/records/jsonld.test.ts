import jsonld from "jsonld";
import { describe, expect, test } from "vitest";
import { DataCategory, LegalBasis, Purpose, SubjectCategory } from "../../src/access/vocabulary.ts";
import { categoryTerms, legalBasisTerms, purposeTerms, subjectTerms } from "../../src/records/dpv.ts";
import { recordsJsonLd } from "../../src/records/jsonld.ts";
import { awkward, madeOf } from "./made.ts";
import { type Expanded, faultsIn, isA, typesIn, vocabulary } from "./vocabulary/vocabulary.ts";

const dpv = "https://w3id.org/dpv#";
const madeAt = new Date("2026-12-02T10:00:00Z");

/** Expanded with no way to fetch anything: the document carries its context. */
async function expanded(text: string): Promise<readonly Expanded[]> {
  const documentLoader = (url: string) => Promise.reject(new Error(`${url} was to be fetched`));
  return (await jsonld.expand(JSON.parse(text), { documentLoader, safe: true })) as readonly Expanded[];
}

async function faults(text: string): Promise<readonly string[]> {
  const nodes = await expanded(text);
  const types = typesIn(nodes);
  return nodes.flatMap((node) => faultsIn(node, types));
}

describe("the vocabulary as it was published", () => {
  const outside = [
    "dpv:ExplicitlyExpressedConsent",
    "dpv:ExpressedConsent",
    "dpv:GovernmentalOrganisation",
    "dpv:ImpactAssessment",
    "dpv:Intended",
    "dpv:InternationalOrganisation",
    "dpv:Organisation",
    "dpv:Status",
    "dpv:Unintended",
    "eu-gdpr:AdequacyDecision",
  ];

  test("what its terms stand under is there, save what modules that are not kept here have", () => {
    const above = Object.values(vocabulary.terms).flatMap(({ type, broader = [] }) => [
      ...broader,
      ...(type === undefined || type === "property" ? [] : [type]),
    ]);
    const missing = new Set(above.filter((term) => !Object.hasOwn(vocabulary.terms, term)));
    expect([...missing].sort()).toEqual(outside);
    expect(Object.keys(vocabulary.terms).length).toBeGreaterThan(900);
  });
});

describe("every term of ours has one of the right kind", () => {
  test.each([
    ["purpose", Purpose, purposeTerms, "dpv:Purpose"],
    ["category", DataCategory, categoryTerms, "dpv:PersonalData"],
    ["data subject", SubjectCategory, subjectTerms, "dpv:HumanSubject"],
    ["legal basis", LegalBasis, legalBasisTerms, "dpv:LegalBasis"],
  ] as const)("%s", (_what, ours, theirs, kind) => {
    expect(Object.keys(theirs).sort()).toEqual(Object.keys(ours).sort());
    const terms = Object.values<string | readonly string[]>(theirs).flat();
    expect(terms.filter((term) => !Object.hasOwn(vocabulary.terms, term))).toEqual([]);
    expect(terms.filter((term) => !isA(term, kind))).toEqual([]);
  });
});

describe("the document", () => {
  test.each([
    ["the demo's organisation", undefined],
    ["transfers, a foreign authority and an officer", awkward],
  ])("of %s is JSON-LD in terms of the vocabulary alone, each where it belongs", async (_what, change) => {
    expect(await faults(recordsJsonLd(madeOf(change), madeAt))).toEqual([]);
  });

  test("has what Art. 30(1) asks for, of each purpose", async () => {
    const [record] = await expanded(recordsJsonLd(madeOf(), madeAt));
    const of = (node: unknown, property: string) =>
      (node as Expanded)[`${dpv}${property}`] as readonly Expanded[];
    const [controller] = of(record, "hasDataController");
    expect(of(controller, "hasName")).toEqual([{ "@value": "Intech AS" }]);
    expect(of(controller, "hasContact").length).toBe(2);
    expect(of(controller, "hasDataProtectionOfficer")[0]).toHaveProperty([`${dpv}hasContact`]);
    expect(of(record, "hasAuthority")[0]?.["@id"]).toBe("https://w3id.org/dpv/legal/no#DPA-NO");
    const processes = of(record, "hasProcess");
    expect(processes.length).toBe(madeOf().activities.length);
    for (const process of processes) {
      for (const property of [
        "hasPurpose",
        "hasLegalBasis",
        "hasDataSubject",
        "hasPersonalData",
        "hasTechnicalMeasure",
      ])
        expect(of(process, property).length).toBeGreaterThan(0);
    }
    const newsletter = processes.find((process) => process["@id"] === "_:NEWSLETTER");
    expect(of(newsletter, "hasStorageCondition").length).toBeGreaterThan(0);
    expect(of(newsletter, "hasLegalBasis")).toEqual([{ "@id": "https://w3id.org/dpv/legal/eu/gdpr#A6-1-a" }]);
  });

  test("names authorities as recipients, by a term that says what they are", async () => {
    const [record] = await expanded(recordsJsonLd(madeOf(), madeAt));
    const processes = (record?.[`${dpv}hasProcess`] ?? []) as readonly Expanded[];
    const ordered = processes.find((process) => process["@id"] === "_:DISCLOSURE_TO_AUTHORITIES");
    const [recipient, ...more] = (ordered?.[`${dpv}hasRecipient`] ?? []) as readonly Expanded[];
    expect(more).toEqual([]);
    expect(recipient?.["@type"]).toContain(`${dpv}Authority`);
    expect(recipient?.[`${dpv}hasName`]).toHaveLength(3);
    expect(recipient?.[`${dpv}hasCountry`]).toEqual([{ "@id": "https://w3id.org/dpv/loc#NO" }]);
  });

  test("names whom data is transferred to, and the safeguard", async () => {
    const text = recordsJsonLd(madeOf(awkward), madeAt);
    expect(text).toContain('"dpv:DataImporter"');
    const [record] = await expanded(text);
    const processes = (record?.[`${dpv}hasProcess`] ?? []) as readonly Expanded[];
    const newsletter = processes.find((process) => process["@id"] === "_:NEWSLETTER");
    const importers = newsletter?.[`${dpv}hasDataImporter`] as readonly Expanded[];
    expect(importers.map((importer) => JSON.stringify(importer))).toEqual([
      expect.stringMatching(/"BCR".*"BR"/),
      expect.stringMatching(/"SCC 2021\/914".*"US"/),
    ]);
  });
});

describe("a fault is found", () => {
  const text = recordsJsonLd(madeOf(), madeAt);

  test.each([
    [
      "a term that there is not",
      "dpv:DirectMarketing",
      "dpv:DirectMarketting",
      "dpv:DirectMarketting is no term",
    ],
    [
      "a term of another kind",
      "dpv:DirectMarketing",
      "dpv:Encryption",
      "dpv:hasPurpose: dpv:Encryption is no dpv:Purpose",
    ],
    [
      "a legal basis of another kind",
      "eu-gdpr:A6-1-a",
      "pd:Name",
      "dpv:hasLegalBasis: pd:Name is no dpv:LegalBasis",
    ],
    ["a property that there is not", "dpv:hasPurpose", "dpv:hasPurposes", "dpv:hasPurposes is no term"],
    ["a class for a property", "dpv:hasPurpose", "dpv:Purpose", "dpv:Purpose is no property"],
    ["a country that the file does not have", "loc:NO", "loc:XX", "loc:XX is no term"],
  ])("%s", async (_what, right, wrong, fault) => {
    expect(await faults(text.replaceAll(`"${right}"`, `"${wrong}"`))).toContain(fault);
  });

  test("a member that is no JSON-LD", async () => {
    await expect(faults(text.replaceAll('"dct:title"', '"title"'))).rejects.toThrow(/safe mode/i);
  });
});
