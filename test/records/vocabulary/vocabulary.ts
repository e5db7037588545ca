import { readFileSync } from "node:fs";

interface TermOfVocabulary {
  /** What it is an instance of; `property`. */
  readonly type?: string;
  /** `skos:broader` and `rdfs:subClassOf`. */
  readonly broader?: readonly string[];
}

interface Vocabulary {
  readonly version: string;
  readonly namespaces: Readonly<Record<string, string>>;
  readonly terms: Readonly<Record<string, TermOfVocabulary>>;
}

export const vocabulary = JSON.parse(
  readFileSync(new URL("./dpv-2.2.json", import.meta.url), "utf8"),
) as Vocabulary;

const { namespaces, terms } = vocabulary;

/** As the file writes it; null: it is of no namespace of the vocabulary. */
export function abbreviated(iri: string): string | null {
  const known = Object.entries(namespaces).find(([, namespace]) => iri.startsWith(namespace));
  return known ? `${known[0]}:${iri.slice(known[1].length)}` : null;
}

/** Whether a term is an instance of a kind, or a narrower one. */
export function isA(term: string, kind: string, seen = new Set<string>()): boolean {
  if (term === kind) return true;
  if (seen.has(term)) return false;
  seen.add(term);
  const { type, broader = [] } = terms[term] ?? {};
  return [...(type === undefined ? [] : [type]), ...broader].some((above) => isA(above, kind, seen));
}

/** What each property that the records use asks for, as its definition says it. */
const kinds: Readonly<Record<string, string>> = {
  "dpv:hasApplicableLaw": "dpv:Law",
  "dpv:hasAuthority": "dpv:Authority",
  "dpv:hasCountry": "dpv:Country",
  "dpv:hasDataController": "dpv:DataController",
  "dpv:hasDataImporter": "dpv:DataImporter",
  "dpv:hasDataProcessor": "dpv:DataProcessor",
  "dpv:hasDataProtectionOfficer": "dpv:DataProtectionOfficer",
  "dpv:hasDataSubject": "dpv:HumanSubject",
  "dpv:hasDuration": "dpv:Duration",
  "dpv:hasLegalBasis": "dpv:LegalBasis",
  "dpv:hasOrganisationalMeasure": "dpv:OrganisationalMeasure",
  "dpv:hasPersonalData": "dpv:PersonalData",
  "dpv:hasProcess": "dpv:Process",
  "dpv:hasPurpose": "dpv:Purpose",
  "dpv:hasRecipient": "dpv:Recipient",
  "dpv:hasStorageCondition": "dpv:StorageCondition",
  "dpv:hasTechnicalMeasure": "dpv:TechnicalMeasure",
  "dpv:hasTechnicalOrganisationalMeasure": "dpv:TechnicalOrganisationalMeasure",
  "dpv:hasThirdCountry": "dpv:ThirdCountry",
  "dpv:isImplementedByEntity": "dpv:Entity",
  "dpv:isImplementedUsingTechnology": "dpv:Technology",
};
/** Those that text is given to. */
const plain = new Set(["dpv:hasName", "dpv:hasIdentifier", "dpv:hasAddress", "dpv:hasContact"]);

/** A node of JSON-LD in expanded form. */
export interface Expanded {
  readonly "@id"?: string;
  readonly "@type"?: readonly string[] | string;
  readonly "@value"?: unknown;
  readonly [property: string]: unknown;
}

/** Everything in which a node, and what is within it, is not as the vocabulary has it. */
export function faultsIn(node: Expanded, types: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const faults: string[] = [];
  const ofVocabulary = (iri: string) => {
    const term = abbreviated(iri);
    if (term !== null && !Object.hasOwn(terms, term)) faults.push(`${term} is no term`);
    return term;
  };
  for (const [member, value] of Object.entries(node)) {
    if (member === "@type") for (const iri of [value].flat() as string[]) ofVocabulary(iri);
    if (member === "@id") ofVocabulary(value as string);
    if (member.startsWith("@")) continue;
    const property = ofVocabulary(member);
    if (property !== null && terms[property]?.type !== "property") faults.push(`${property} is no property`);
    for (const each of value as readonly Expanded[]) {
      if (property !== null) faults.push(...misfits(property, each, types));
      faults.push(...faultsIn(each, types));
    }
  }
  return faults;
}

function misfits(property: string, value: Expanded, types: ReadonlyMap<string, readonly string[]>): string[] {
  if (plain.has(property)) return value["@value"] === undefined ? [`${property} has no text`] : [];
  const kind = kinds[property];
  if (kind === undefined) return [`${property}: the test does not know what it asks for`];
  const id = value["@id"] ?? "";
  const said = [id, ...((value["@type"] as readonly string[] | undefined) ?? types.get(id) ?? [])];
  const known = said.map(abbreviated).filter((term) => term !== null);
  return known.some((term) => isA(term, kind)) ? [] : [`${property}: ${known.join(", ")} is no ${kind}`];
}

/** The types of every node that has a name. */
export function typesIn(nodes: readonly Expanded[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const look = (node: Expanded) => {
    const { "@id": id, "@type": type } = node;
    if (id !== undefined && Array.isArray(type)) found.set(id, type as readonly string[]);
    for (const value of Object.values(node)) if (Array.isArray(value)) value.filter(isNode).forEach(look);
  };
  nodes.forEach(look);
  return found;
}

const isNode = (value: unknown): value is Expanded => typeof value === "object" && value !== null;
