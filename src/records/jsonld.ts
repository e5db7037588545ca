import { isOutsideEea } from "../access/eea.ts";
import { legalGrounds } from "../access/legal-grounds.ts";
import { describeRetention, type RetentionRule } from "../access/retention.ts";
import { languages, type Text } from "../language/language.ts";
import type { RecipientCategory } from "../requests/authorities.ts";
import type { RecipientDetails } from "../requests/organisation.ts";
import type { Processor } from "../sources/contract.ts";
import { outsideEea, processorsOf } from "./activities.ts";
import { categoryTerms, legalBasisTerms, purposeTerms, subjectTerms, type Term } from "./dpv.ts";
import type { Measure } from "./measures.ts";
import type { RecordedActivity, Records } from "./records.ts";
import { purposeWords, roleWords } from "./terms.ts";
import { timeLimitIn } from "./time-limit.ts";
import { words } from "./words.ts";

type Json = string | boolean | readonly Json[] | { readonly [member: string]: Json };

/** Whole within the document: whoever reads it fetches nothing. */
const context = {
  dpv: "https://w3id.org/dpv#",
  pd: "https://w3id.org/dpv/pd#",
  "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
  "legal-eu": "https://w3id.org/dpv/legal/eu#",
  "legal-no": "https://w3id.org/dpv/legal/no#",
  loc: "https://w3id.org/dpv/loc#",
  dct: "http://purl.org/dc/terms/",
  foaf: "http://xmlns.com/foaf/0.1/",
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
} as const;

const term = (id: Term): Json => ({ "@id": id });
const inAllLanguages = (text: Text): Json =>
  languages.map((language) => ({ "@value": text[language], "@language": language }));
const controller = { "@id": "_:controller" };

/** Art. 30(1) in the W3C Data Privacy Vocabulary, as JSON-LD 1.1. */
export function recordsJsonLd(records: Records, madeAt: Date): string {
  const { activities } = records;
  const document: Json = {
    "@context": context,
    "@type": "dpv:ROPA",
    "dct:title": inAllLanguages(words.title),
    "dct:description": inAllLanguages(words.computed),
    "dct:created": { "@value": madeAt.toISOString(), "@type": "xsd:dateTime" },
    "dpv:hasApplicableLaw": term("legal-eu:law-GDPR"),
    "dpv:hasDataController": controllerNode(records),
    "dpv:hasAuthority": authorityNode(records),
    "dpv:hasProcess": activities.map(processNode),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function controllerNode({ organisation }: Records): Json {
  const { name, organisationNumber, postalAddress, email, phone } = organisation.controller;
  const officer = organisation.dataProtectionOfficer;
  return {
    ...controller,
    "@type": ["dpv:DataController", "eu-gdpr:Controller"],
    "dpv:hasName": name,
    "dpv:hasIdentifier": organisationNumber,
    "dpv:hasAddress": postalAddress,
    "dpv:hasContact": [email, phone],
    ...(officer && {
      "dpv:hasDataProtectionOfficer": {
        "@type": "dpv:DataProtectionOfficer",
        "dpv:hasName": officer.name,
        "dpv:hasContact": [officer.email, ...(officer.phone === undefined ? [] : [officer.phone])],
      },
    }),
  };
}

/** The Norwegian authority has a term of its own. */
function authorityNode({ organisation: { supervisoryAuthority } }: Records): Json {
  const { name, url } = supervisoryAuthority;
  const isNorwegian = /(^|\.)datatilsynet\.no$/.test(new URL(url).hostname);
  return {
    ...(isNorwegian && { "@id": "legal-no:DPA-NO" }),
    "@type": "eu-gdpr:DataProtectionAuthority",
    "dpv:hasName": name,
    "foaf:homepage": { "@id": url },
  };
}

function processNode(activity: RecordedActivity): Json {
  const { purpose, categories, subjects, systems, recipients, timeLimits, keptByLaw, measures } = activity;
  const processors = processorsOf(activity);
  return {
    "@id": `_:${purpose}`,
    "@type": ["dpv:Process", "dpv:PersonalDataProcess"],
    "dct:identifier": purpose,
    "dct:title": inAllLanguages(purposeWords[purpose]),
    "dpv:hasDataController": controller,
    "dpv:hasPurpose": purposeTerms[purpose].map(term),
    "dpv:hasLegalBasis": term(legalBasisTerms[activity.legalBasis]),
    "dpv:hasDataSubject": subjects.map((subject) => term(subjectTerms[subject])),
    "dpv:hasPersonalData": distinct(categories.flatMap((category) => categoryTerms[category])).map(term),
    "dpv:isImplementedUsingTechnology": systems.map(({ key }) => ({
      "@type": "dpv:Technology",
      "dct:identifier": key,
    })),
    "dpv:hasDataProcessor": processors.map(processorNode),
    "dpv:hasRecipient": [
      ...recipients.map(recipientNode),
      ...activity.recipientCategories.map(recipientCategoryNode),
    ],
    "dpv:hasDataImporter": outsideEea([...processors, ...recipients]).map(importerNode),
    "dpv:hasStorageCondition": [...timeLimits.map(durationNode), ...keptByLaw.map(keptNode)],
    "dpv:isImplementedByEntity": activity.readableBy.map((role) => ({
      "@type": "dpv:Entity",
      "dct:identifier": role,
      "dct:title": inAllLanguages(roleWords[role]),
    })),
    "dpv:hasTechnicalMeasure": measuresOfKind("TECHNICAL", measures),
    "dpv:hasOrganisationalMeasure": measuresOfKind("ORGANISATIONAL", measures),
    "dpv:hasTechnicalOrganisationalMeasure": measuresOfKind("OWN", measures),
  };
}

const distinct = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

const processorNode = (processor: Processor): Json => ({
  "@type": ["dpv:DataProcessor", "eu-gdpr:Processor"],
  "dpv:hasName": processor.name,
  "dct:description": processor.agreement,
  ...countryOf(processor),
});

const recipientNode = (recipient: RecipientDetails): Json => ({
  "@type": ["dpv:Recipient", "eu-gdpr:Recipient"],
  "dpv:hasName": recipient.name,
  "dct:description": recipient.role,
  ...countryOf(recipient),
});

/** Those that there are, are public authorities. */
const recipientCategoryNode = (category: RecipientCategory): Json => ({
  "@type": ["dpv:Recipient", "eu-gdpr:Recipient", "dpv:Authority"],
  "dpv:hasName": inAllLanguages(category.name),
  "dct:description": category.role,
  ...countryOf(category),
});

const importerNode = (party: Processor | RecipientDetails): Json => ({
  "@type": "dpv:DataImporter",
  "dpv:hasName": party.name,
  ...countryOf(party),
  ...(party.transferSafeguard !== undefined && {
    "dpv:hasOrganisationalMeasure": {
      "@type": "dpv:SafeguardForDataTransfer",
      "dct:description": party.transferSafeguard,
    },
  }),
});

/** The vocabulary's list of countries is kept here for the EEA alone; any other is named by its ISO 3166-1 code. */
function countryOf({ country }: { readonly country: string }): { readonly [member: string]: Json } {
  if (!isOutsideEea(country)) return { "dpv:hasCountry": term(`loc:${country}`) };
  return { "dpv:hasThirdCountry": { "@type": "dpv:ThirdCountry", "dct:identifier": country } };
}

const durationNode = (rule: RetentionRule): Json => ({
  "@type": "dpv:StorageDuration",
  "dct:identifier": describeRetention(rule),
  "dct:description": inAllLanguages(timeLimitIn(rule)),
  "dpv:hasDuration": {
    "@type": "dpv:TemporalDuration",
    "rdf:value": { "@value": rule.period, "@type": "xsd:duration" },
  },
});

const keptNode = (ground: keyof typeof legalGrounds): Json => ({
  "@type": "dpv:StorageCondition",
  "dct:identifier": legalGrounds[ground].citation,
  "dct:description": inAllLanguages(legalGrounds[ground].reason),
});

const measuresOfKind = (kind: Measure["kind"], measures: readonly Measure[]): Json =>
  measures
    .filter((measure) => measure.kind === kind)
    .map(({ term, text }) => ({ "@type": term, "dct:description": inAllLanguages(text) }));
