import type { Purpose, Role } from "../../src/access/vocabulary.ts";

/**
 * Who may read what, written once more from the words of the privacy policy, without the rulebook: R9 (only those
 * who need it), R5, S1-S7, and the table of purposes. What is not here is refused.
 */
export type Reader = `${Role} for ${Purpose}`;

const person: Reader = "SUBJECT for DATA_SUBJECT_RIGHTS";
const officer: Reader = "DPO for DATA_SUBJECT_RIGHTS";
const rights = [person, officer];

const customerService: Reader[] = ["SUPPORT for ORDER_FULFILMENT", "SUPPORT for RETURNS_AND_WARRANTY"];
const dialogue: Reader[] = [...customerService, "SUPPORT for CUSTOMER_SUPPORT"];
const customer: Reader[] = [...dialogue, "SUPPORT for CUSTOMER_INFORMATION"];
const sales: Reader[] = ["ACCOUNTING for BOOKKEEPING"];
const adverts: Reader[] = ["MARKETING for PURCHASE_BASED_MARKETING"];
const newsletters: Reader[] = ["MARKETING for NEWSLETTER"];
const teaching: Reader[] = ["TRAINING for TRAINING_DELIVERY"];
/** Special needs stand in registrations, and are nobody's to read without them. */
const needsOfficer: Reader = "DPO for EVENT_ADMINISTRATION";
const organisers: Reader[] = ["EVENTS for EVENT_ADMINISTRATION"];

const connection = (name: string) => `${name}Connection.*|${name}Edge.*|${name}.*`;

/** The first line that fits a coordinate counts. */
const table: readonly (readonly [
  coordinates: string,
  readers: readonly Reader[] | "anybody" | "signed in",
])[] = [
  ["Query.controller|Query.privacyPolicy|Controller.*|PrivacyPolicy.*|Processor.*", "anybody"],
  ["Query.me|Query.person|DataSubject.id|DataSubject.notice|PageInfo.*", "signed in"],
  ["AccessNotice.*|Authority.*|PurposeNotice.*|Recipient.*", "signed in"],
  ["Profile.*|UnifiedValue.*|HeldValue.*|Holding.*|Identifier.*|DataSubject.holdings", rights],
  ["*.other|OtherDatum.*", rights],

  ["CustomerRecord.enrichments|Enrichment.*", rights],
  [`CustomerRecord.conversations|${connection("Conversation")}`, [...rights, ...dialogue]],
  ["OrderReturn.reason", [...rights, ...customerService, ...sales]],
  [
    `CustomerRecord.orders|OrderLine.*|OrderReturn.*|${connection("Order")}`,
    [...rights, ...customerService, ...sales, ...adverts],
  ],
  ["CustomerRecord.jobTitle|CustomerRecord.organisation", [...rights, ...customer]],
  ["CustomerRecord.*", [...rights, ...customer, ...sales, ...adverts]],

  [`LearnerRecord.sessions|${connection("LearningSession")}`, rights],
  [`LearnerRecord.*|${connection("CourseProgress")}|${connection("SurveyAnswer")}`, [...rights, ...teaching]],

  [
    `SubscriberRecord.*|Subscription.*|Click.*|Bounce.*|${connection("Delivery")}`,
    [...rights, ...newsletters],
  ],

  ["Registration.dietaryNeeds|Registration.accessNeeds", [person, ...organisers, needsOfficer]],
  [
    "Registration.name|Registration.email|Registration.phone|AttendeeRecord.name|AttendeeRecord.email|AttendeeRecord.phone",
    [...rights, ...organisers],
  ],
  [
    `AttendeeRecord.*|CompetitionEntry.*|${connection("Registration")}`,
    [...rights, ...organisers, needsOfficer],
  ],
];

/** Branches of the person: open to whoever may read something within. */
const branches: Readonly<Record<string, readonly string[]>> = {
  "DataSubject.profile": ["Profile.name"],
  "DataSubject.crm": [
    "CustomerRecord.name",
    "CustomerRecord.orders",
    "CustomerRecord.conversations",
    "OtherDatum.name",
  ],
  "DataSubject.learning": ["LearnerRecord.name", "LearnerRecord.sessions", "OtherDatum.name"],
  "DataSubject.mailing": ["SubscriberRecord.name", "OtherDatum.name"],
  "DataSubject.events": ["AttendeeRecord.name", "Registration.dietaryNeeds", "OtherDatum.name"],
};

export interface ReferenceCaller {
  readonly signedIn: boolean;
  readonly roles: ReadonlySet<Role>;
  readonly purpose: Purpose | null;
}

export type Reference = (caller: ReferenceCaller, coordinate: string) => boolean;

/** `extra`: a grant that is not in the policy, to see that it is noticed. */
export function createReference(extra?: { readonly coordinate: string; readonly reader: Reader }): Reference {
  const readersOf = (coordinate: string) => {
    const found =
      table.find(([patterns]) => patterns.split("|").some((pattern) => fits(pattern, coordinate)))?.[1] ?? [];
    return extra?.coordinate === coordinate && typeof found !== "string" ? [...found, extra.reader] : found;
  };
  const mayRead: Reference = (caller, coordinate) => {
    const within = branches[coordinate];
    if (within !== undefined) return within.some((inner) => mayRead(caller, inner));
    const readers = readersOf(coordinate);
    if (readers === "anybody") return true;
    if (readers === "signed in") return caller.signedIn;
    return [...caller.roles].some(
      (role) => caller.purpose !== null && readers.includes(`${role} for ${caller.purpose}`),
    );
  };
  return mayRead;
}

function fits(pattern: string, coordinate: string): boolean {
  const [type, field] = pattern.split(".");
  const [ofType, ofField] = coordinate.split(".");
  return (type === "*" || type === ofType) && (field === "*" || field === ofField);
}
