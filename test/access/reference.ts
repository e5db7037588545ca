import type { Purpose, Role } from "../../src/access/vocabulary.ts";

/**
 * Who may read what, written once more from the words of the privacy policy, without the rulebook: R9 (only those
 * who need it), R5, S1-S7, and the table of purposes. What is not here is refused. A role alone: for its work on the
 * gateway, which is with no person in particular.
 */
export type Reader = Role | `${Role} for ${Purpose}`;

const person: Reader = "SUBJECT for DATA_SUBJECT_RIGHTS";
const officer: Reader = "DPO for DATA_SUBJECT_RIGHTS";
const rights = [person, officer];
/** R3, R11, and Art. 5(2): what was asked for, said and passed on is accounted for, too. */
const accounted: Reader[] = [...rights, "DPO for AUDIT"];

const customerService: Reader[] = ["SUPPORT for ORDER_FULFILMENT", "SUPPORT for RETURNS_AND_WARRANTY"];
const inquiries: Reader[] = ["SUPPORT for CUSTOMER_SUPPORT"];
const dialogue: Reader[] = [...customerService, ...inquiries];
const customer: Reader[] = [...dialogue, "SUPPORT for CUSTOMER_INFORMATION"];
const sales: Reader[] = ["ACCOUNTING for BOOKKEEPING"];
const adverts: Reader[] = ["MARKETING for PURCHASE_BASED_MARKETING"];
const newsletters: Reader[] = ["MARKETING for NEWSLETTER"];
const teaching: Reader[] = ["TRAINING for TRAINING_DELIVERY"];
/** Special needs stand in registrations, and are nobody's to read without them. */
const needsOfficer: Reader = "DPO for EVENT_ADMINISTRATION";
const organisers: Reader[] = ["EVENTS for EVENT_ADMINISTRATION"];
/** Whoever has work to do with persons may look for one. */
const finders: Reader[] = [
  ...rights,
  ...customer,
  ...sales,
  ...adverts,
  ...newsletters,
  ...teaching,
  ...organisers,
];

const connection = (name: string) => `${name}Connection.*|${name}Edge.*|${name}.*`;
const orders = `CustomerRecord.orders|OrderLine.*|OrderReturn.*|OrderStatement.*|${connection("Order")}`;
const requests = `${connection("Request")}|DataSubjectRequest.*|RequestStep.*|StepOutcome.*|TimelineEntry.*|Download.*`;
const whatTheyOpened = `SubscriberRecord.statements|SubscriberStatement.*|SubscriberRecord.deliveries|SubscriberRecord.bounces|Click.*|Bounce.*|${connection("Delivery")}`;

/** The first line that fits a coordinate counts. */
const table: readonly (readonly [
  coordinates: string,
  readers: readonly Reader[] | "anybody" | "signed in",
])[] = [
  // R15: whom a version has reached is counted for those who account for it.
  ["Query.privacyPolicies|PrivacyPolicy.reach|PolicyReach.*", ["DPO", "AUDITOR"]],
  ["Query.controller|Query.privacyPolicy|Controller.*|PrivacyPolicy.*|Processor.*", "anybody"],
  // Whoever has written a letter need not sign in to show who they are, and is told where to complain.
  ["Mutation.confirmIdentity|IdentityConfirmed.*|Refusal.*|Authority.*", "anybody"],
  // Who may introspect is configured; nobody who has not signed in.
  ["Query.me|Query._service|_Service.*|DataSubject.id|DataSubject.notice|PageInfo.*", "signed in"],
  ["DataSubject.consents|Consent.*|ConsentEvent.*", accounted],
  ["DataSubject.policyVersions|PersonPolicyVersion.*", accounted],
  [
    "DataSubject.recipients|Recipient.told|Recipient.legalGround|Recipient.categories|RecipientTold.*",
    accounted,
  ],
  // R12: what is secret still is among them.
  ["Query.disclosures|Disclosure.*", [officer]],
  ["AccessNotice.*|PurposeNotice.*|Recipient.*", "signed in"],
  // One's own, and nobody's work list but the DPO's.
  ["Query.request|SubscriptionRoot.requestProgress", rights],
  [`Query.requests|Query.reappearances|${connection("Reappearance")}`, [officer]],
  [`DataSubject.requests|${requests}`, accounted],
  [
    "DataSubject.objections|Objection.*|DataSubject.withheld|Withheld.*|WithholdPayload.*|DataSubject.restrictions|Restriction.*",
    accounted,
  ],
  ["DataSubject.erasurePlan|ErasurePlan.*|ErasurePlanItem.*", accounted],
  ["Mutation.agreeToPrivacyPolicy", ["SUBJECT"]],
  ["Mutation.linkIdentity|Mutation.unlinkIdentity", ["DPO"]],
  // R8: staff register what came by another channel; what comes of it is for those who decide.
  [
    "Mutation.registerRequest|Mutation.establishIdentity|Mutation.sendIdentityCode|Mutation.decideRequest|Mutation.extendDeadline|Mutation.retryRequest|Mutation.confirmStep|Mutation.settleReappearance|Mutation.withhold|Mutation.release|Mutation.publishPrivacyPolicy|Mutation.recordDisclosure|Mutation.prolongSecrecy|Mutation.openRetentionReview|Mutation.approveRetentionReview",
    ["DPO"],
  ],
  [
    "Mutation.rectify|Mutation.setConsent|Mutation.objectToProcessing|Mutation.restrictProcessing|Mutation.liftRestriction|Mutation.addStatement|Mutation.requestErasure|Mutation.requestExport|Mutation.cancelRequest",
    ["SUBJECT", "DPO"],
  ],
  [
    "Query.matchReviews|MatchReviewConnection.*|MatchReviewEdge.*|MatchReview.*|MatchCandidate.*",
    [officer, "SUPPORT for CUSTOMER_SUPPORT"],
  ],
  [
    `Query.auditIntegrity|AuditIntegrity.*|Query.auditTrail|${connection("AuditEntry")}|AuditEntry.*`,
    ["AUDITOR", "DPO"],
  ],
  ["Query.fieldPolicies|FieldPolicy.*", ["AUDITOR", "DPO"]],
  ["Query.retentionReview|RetentionReview.*|RetentionItem.*", ["AUDITOR", "DPO"]],
  ["Query.processingActivities|ProcessingActivity.*|ProcessingRecipient.*", ["AUDITOR", "DPO"]],
  // Of nobody in particular. Which of them a role has to do with is decided by what they are about.
  [
    "Query.statistics|Statistics.*|StatisticsCounts.*|StatisticsGroup.*",
    ["MARKETING", "TRAINING", "EVENTS", "AUDITOR"],
  ],
  ["Query.findDataSubjects|DataSubjectMatch.*|Identifier.*", finders],
  [`DataSubject.accessLog|${connection("AccessLog")}|AccessLogEntry.*`, accounted],
  ["Profile.*|UnifiedValue.*|HeldValue.*|Holding.*|DataSubject.holdings", rights],
  ["*.other|OtherDatum.*", rights],

  ["CustomerRecord.enrichments|Enrichment.*", rights],
  [`CustomerRecord.conversations|${connection("Conversation")}`, [...rights, ...dialogue]],
  // What somebody writes may say anything: beside a record it is read by those who read the record, but for adverts.
  ["OrderReturn.reason|Order.statements|OrderStatement.*", [...rights, ...customerService, ...sales]],
  ["CustomerRecord.statements|CustomerStatement.*", [...rights, ...dialogue]],
  ["LearnerRecord.statements|LearnerStatement.*", [...rights, ...teaching]],
  ["SubscriberRecord.statements|SubscriberStatement.*", rights],
  ["AttendeeRecord.statements|AttendeeStatement.*", [...rights, ...organisers, needsOfficer]],
  [orders, [...rights, ...customerService, ...sales, ...adverts]],
  ["CustomerRecord.jobTitle|CustomerRecord.organisation", [...rights, ...customer]],
  ["CustomerRecord.*", [...rights, ...customer, ...sales, ...adverts]],

  [`LearnerRecord.sessions|${connection("LearningSession")}`, rights],
  [`LearnerRecord.*|${connection("CourseProgress")}|${connection("SurveyAnswer")}`, [...rights, ...teaching]],

  [`SubscriberRecord.*|Subscription.*|${whatTheyOpened}`, [...rights, ...newsletters]],

  ["Registration.dietaryNeeds|Registration.accessNeeds", [person, ...organisers, needsOfficer]],
  [
    "Registration.name|Registration.email|Registration.phone|AttendeeRecord.name|AttendeeRecord.email|AttendeeRecord.phone",
    [...rights, ...organisers],
  ],
  [
    `AttendeeRecord.*|CompetitionEntry.*|${connection("Registration")}`,
    [...rights, ...organisers, needsOfficer],
  ],

  // S5: what was visited is nobody's to read; what was written in a form is answered.
  [
    `VisitorRecord.visits|VisitorRecord.browsers|VisitorRecord.firstSeenAt|VisitorRecord.lastSeenAt|${connection("Visit")}|${connection("Browser")}`,
    rights,
  ],
  [
    `VisitorRecord.*|VisitorStatement.*|FormField.*|${connection("FormSubmission")}`,
    [...rights, ...inquiries],
  ],
];

/** What says nothing itself is open to whoever may read something within: the person's branches, and the way to them. */
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
  "DataSubject.website": ["VisitorRecord.email", "VisitorRecord.visits", "OtherDatum.name"],
};
const everyBranch = [
  ...Object.keys(branches),
  "DataSubject.holdings",
  "DataSubject.accessLog",
  "DataSubject.consents",
  "DataSubject.policyVersions",
  "DataSubject.recipients",
  "DataSubject.requests",
  "DataSubject.objections",
  "DataSubject.restrictions",
  "DataSubject.erasurePlan",
];
const waysIn: Readonly<Record<string, readonly string[]>> = {
  ...branches,
  "Query.dataSubject": everyBranch,
  "Query._entities": everyBranch,
  "DataSubjectMatch.subject": everyBranch,
  "MatchReview.subject": everyBranch,
  "Reappearance.subject": everyBranch,
  "ReappearancePayload.subject": everyBranch,
  "ReappearancePayload.request": ["DataSubjectRequest.status", ...everyBranch],
  "DataSubjectRequest.subject": everyBranch,
  "Refusal.current": ["HeldValue.value"],
  "Refusal.existing": ["DataSubjectRequest.status", ...everyBranch],
  "RectifyPayload.request": ["DataSubjectRequest.status", ...everyBranch],
  "RectifyPayload.subject": everyBranch,
  "RequestPayload.request": ["DataSubjectRequest.status", ...everyBranch],
  "SetConsentPayload.consent": ["Consent.status"],
  "SetConsentPayload.outcomes": ["StepOutcome.result"],
  "SetConsentPayload.request": ["DataSubjectRequest.status", ...everyBranch],
};

/** Which system a type's records lie in. What is of several, or of the gateway itself, is in none of these. */
const systems: readonly (readonly [system: string, coordinates: string])[] = [
  ["crm", `CustomerRecord.*|CustomerStatement.*|Enrichment.*|${connection("Conversation")}|${orders}`],
  [
    "learning",
    `LearnerRecord.*|LearnerStatement.*|${connection("LearningSession")}|${connection("CourseProgress")}|${connection("SurveyAnswer")}`,
  ],
  ["mailing", `SubscriberRecord.*|SubscriberStatement.*|Subscription.*|${whatTheyOpened}`],
  ["events", `AttendeeRecord.*|AttendeeStatement.*|CompetitionEntry.*|${connection("Registration")}`],
  [
    "website",
    `VisitorRecord.*|VisitorStatement.*|FormField.*|${connection("FormSubmission")}|${connection("Visit")}|${connection("Browser")}`,
  ],
];

export interface ReferenceCaller {
  readonly signedIn: boolean;
  readonly roles: ReadonlySet<Role>;
  readonly purpose: Purpose | null;
}

/** What a person has said: no more use of what you have of me, not for these purposes (R7), and yes to these. */
export interface Said {
  readonly restricted: "everywhere" | ReadonlySet<string>;
  readonly objectedTo: ReadonlySet<Purpose>;
  readonly yesTo: ReadonlySet<Purpose>;
}
export const saidNothing: Said = { restricted: new Set(), objectedTo: new Set(), yesTo: new Set() };

export interface Reference {
  mayRead(caller: ReferenceCaller, coordinate: string): boolean;
  /** What the person's own word refuses of coordinates that the caller may read of others. */
  refusedByWord(
    caller: ReferenceCaller,
    coordinates: readonly string[],
    said: Said,
  ): "PROCESSING_RESTRICTED" | "CONSENT_REQUIRED" | null;
}

/** `extra`: a grant that is not in the policy, to see that it is noticed. */
export function createReference(extra?: { readonly coordinate: string; readonly reader: Reader }): Reference {
  const readersOf = remembering((coordinate: string) => {
    const found = table.find(([patterns]) => fitsAny(patterns, coordinate))?.[1] ?? [];
    return extra?.coordinate === coordinate && typeof found !== "string" ? [...found, extra.reader] : found;
  });
  const isOneOf = ({ roles, purpose }: ReferenceCaller, readers: readonly Reader[]) =>
    [...roles].some(
      (role) => readers.includes(role) || (purpose !== null && readers.includes(`${role} for ${purpose}`)),
    );
  const mayRead: Reference["mayRead"] = (caller, coordinate) => {
    const within = waysIn[coordinate];
    if (within !== undefined) return within.some((inner) => mayRead(caller, inner));
    const readers = readersOf(coordinate);
    if (readers === "anybody") return true;
    if (readers === "signed in") return caller.signedIn;
    return isOneOf(caller, readers);
  };
  // R5: kept data is used for nothing else: only the person, accounting and the DPO see it.
  const stillReads = (caller: ReferenceCaller, coordinate: string) => {
    const readers = readersOf(coordinate);
    return (
      typeof readers === "string" ||
      isOneOf(
        caller,
        readers.filter((reader) => /^SUBJECT |^DPO |^ACCOUNTING for BOOKKEEPING$/.test(reader)),
      )
    );
  };
  return {
    mayRead,
    refusedByWord(caller, coordinates, { restricted, objectedTo, yesTo }) {
      const { purpose } = caller;
      const said = coordinates.filter((coordinate) => waysIn[coordinate] === undefined);
      const isRestricted = (coordinate: string) =>
        restricted === "everywhere" ||
        (purpose !== null && objectedTo.has(purpose)) ||
        restricted.has(systemOf(coordinate) ?? "");
      if (said.some((each) => isRestricted(each) && !stillReads(caller, each)))
        return "PROCESSING_RESTRICTED";
      // S6 and the table of purposes: newsletters, and adverts from purchases, only after a yes to just that.
      const onYes = purpose === "NEWSLETTER" || purpose === "PURCHASE_BASED_MARKETING";
      const saysMuch = said.some(isOfAdverts);
      return onYes && saysMuch && !yesTo.has(purpose) ? "CONSENT_REQUIRED" : null;
    },
  };
}

export const systemOf = remembering(
  (coordinate: string): string | undefined =>
    systems.find(([, patterns]) => fitsAny(patterns, coordinate))?.[0],
);

const isOfAdverts = remembering((coordinate: string) => fitsAny(`${orders}|${whatTheyOpened}`, coordinate));

/** It is asked for the same coordinates over and over. */
function remembering<T>(find: (coordinate: string) => T): (coordinate: string) => T {
  const known = new Map<string, T>();
  return (coordinate) => {
    const found = known.get(coordinate) ?? find(coordinate);
    known.set(coordinate, found);
    return found;
  };
}

const fitsAny = (patterns: string, coordinate: string) =>
  patterns.split("|").some((pattern) => fits(pattern, coordinate));

function fits(pattern: string, coordinate: string): boolean {
  const [type, field] = pattern.split(".");
  const [ofType, ofField] = coordinate.split(".");
  return (type === "*" || type === ofType) && (field === "*" || field === ofField);
}
