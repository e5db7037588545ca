import { EnumValue } from "./values.ts";

/** What an id among the arguments of a way in stands for. */
export type Meaning =
  | "person"
  /** As another subgraph refers to a person. */
  | "reference"
  /** A request that is open. */
  | "request"
  /** A request that waits for a decision. */
  | "undecided"
  /** A request of which it is not established yet who asks. */
  | "unproven"
  /** A step that failed, of the request that is open. */
  | "step"
  /** That somebody who was erased has come up again, which waits for the DPO. */
  | "reappearance"
  /** A letter that asks for erasure, which nobody has acted on yet. */
  | "letter"
  /** An erasure that has not begun. */
  | "scheduled"
  /** What an erasure of the person would do, by its hash. */
  | "plan"
  /** One for a copy of what is held, that the person has not had yet. */
  | "copy"
  /** That something is withheld from the person. */
  | "mark"
  /** A disclosure that is secret. */
  | "secret"
  /** A report that waits to be approved. */
  | "review"
  | "identifier"
  | "policy";

/** For whom a mutation acts: the signed-in person, or as DPO for the person named, on a request of that person's. */
const whomToActFor = { "input.subjectId": "person", "input.requestId": "request" } as const;

const onTheirCopy = { "input.subjectId": "person", "input.requestId": "copy" } as const;

/** Every place of the schema where somebody, or something of theirs, can be named. */
export const naming: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  dataSubject: { id: "person" },
  _entities: { representations: "reference" },
  findDataSubjects: { identifier: "identifier" },
  request: { id: "request" },
  requestProgress: { id: "request" },
  linkIdentity: { "input.subjectId": "person", "input.identifier": "identifier" },
  unlinkIdentity: { "input.subjectId": "person" },
  rectify: whomToActFor,
  setConsent: { ...whomToActFor, "input.policyVersion": "policy" },
  objectToProcessing: { "input.subjectId": "person", "input.requestId": "undecided" },
  restrictProcessing: whomToActFor,
  liftRestriction: whomToActFor,
  addStatement: whomToActFor,
  requestErasure: { "input.subjectId": "person", "input.requestId": "letter", "input.planHash": "plan" },
  cancelRequest: { "input.id": "scheduled" },
  registerRequest: { "input.identifiers": "identifier" },
  establishIdentity: { "input.id": "unproven" },
  sendIdentityCode: { "input.id": "unproven" },
  confirmIdentity: { "input.id": "unproven" },
  decideRequest: { "input.id": "undecided" },
  extendDeadline: { "input.id": "request" },
  retryRequest: { "input.id": "request" },
  confirmStep: { "input.id": "request", "input.stepId": "step" },
  settleReappearance: { "input.id": "reappearance" },
  requestExport: onTheirCopy,
  withhold: onTheirCopy,
  release: { ...onTheirCopy, "input.id": "mark" },
  privacyPolicy: { version: "policy" },
  publishPrivacyPolicy: { "input.version": "policy" },
  agreeToPrivacyPolicy: { "input.version": "policy" },
  recordDisclosure: { "input.subjectId": "person" },
  disclosures: { subjectId: "person" },
  prolongSecrecy: { "input.id": "secret" },
  retentionReview: { id: "review" },
  approveRetentionReview: { "input.id": "review" },
};

/** What a mutation is asked for besides: each would be carried out for whoever it may be done for. */
export const wishes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  linkIdentity: { source: "crm", because: "Because they asked" },
  unlinkIdentity: { source: "crm", because: "Because they asked" },
  rectify: { changes: [{ field: new EnumValue("PHONE"), value: "+4790099009" }] },
  setConsent: { purpose: new EnumValue("PROFILE_TAILORING"), given: true },
  objectToProcessing: { purpose: new EnumValue("CUSTOMER_SUPPORT"), reason: "Jeg vil ikke" },
  restrictProcessing: { sources: ["events"], reason: "Det er feil" },
  liftRestriction: { sources: ["crm"] },
  requestErasure: {},
  cancelRequest: { because: "Hun ringte" },
  addStatement: { source: "crm", recordType: "orders", text: "Den kom for sent" },
  registerRequest: {
    kind: new EnumValue("ACCESS"),
    channel: new EnumValue("POST"),
    receivedAt: "2026-01-05T08:00:00Z",
  },
  establishIdentity: { establishedBy: "Ringte tilbake" },
  decideRequest: { approve: false, explanation: "Derfor", legalGround: "EXCESSIVE" },
  sendIdentityCode: { source: "crm" },
  confirmIdentity: { code: "12345678" },
  extendDeadline: { because: "Mange systemer" },
  retryRequest: {},
  confirmStep: { because: "Gjort for hånd" },
  requestExport: { format: new EnumValue("JSON") },
  withhold: {
    source: "crm",
    recordType: "conversations",
    field: "body",
    text: "Returlapp er sendt på e-post.",
    spans: [{ start: 0, length: 9 }],
    because: "Om en annen",
  },
  release: {},
  publishPrivacyPolicy: {
    version: "2031-01-01",
    text: "Vi lagrer minst mulig.",
    language: "nb",
    changes: "Kortere",
    requiresConsent: true,
  },
  agreeToPrivacyPolicy: { version: "2018-05-30" },
  recordDisclosure: {
    authority: "Økokrim",
    legalGround: "straffeprosessloven § 210",
    categories: [new EnumValue("PURCHASE")],
  },
  prolongSecrecy: { secrecyUntil: "2999-12-31" },
  openRetentionReview: {},
  approveRetentionReview: {},
  settleReappearance: { newRelationship: true, because: "Har meldt seg på igjen" },
};

/** What a query must be told besides, where it is not a purpose. */
export const questions: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  statistics: { by: new EnumValue("EVENT") },
};

/** Ways in that lead to the caller's own data, or to others' for the one purpose that there is. */
export const forRights: ReadonlySet<string> = new Set([
  "me",
  "request",
  "requests",
  "reappearances",
  "disclosures",
]);

/** Whether somebody is acted for: the signed-in person, or the one who is named with a request. */
export const actsFor = (name: string): boolean => {
  const meanings = Object.values(naming[name] ?? {});
  return (
    meanings.includes("person") &&
    ["request", "letter", "copy"].some((on) => meanings.includes(on as Meaning))
  );
};
