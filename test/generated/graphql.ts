/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Which entries of the trail; what is absent narrows nothing. */
export type AuditFilter = {
  events?: Array<string> | null | undefined;
  /** At this moment or later. */
  since?: string | null | undefined;
  /** As `AuditEntry.subjectRef`. */
  subjectRef?: string | null | undefined;
  /** Before this moment. */
  until?: string | null | undefined;
};

export type ConsentStatus =
  | 'GIVEN'
  | 'NOT_ASKED'
  | 'WITHDRAWN';

/** What data is about. */
export type DataCategory =
  | 'ACCESS_LOG'
  | 'BOOKKEEPING'
  | 'CONSENT'
  | 'CONTACT'
  | 'CONVERSATION'
  | 'EMAIL_ENGAGEMENT'
  | 'EMPLOYMENT'
  | 'ENRICHMENT'
  | 'EVENT_PARTICIPATION'
  | 'IDENTITY'
  | 'LEARNING_PROGRESS'
  | 'PURCHASE'
  | 'RIGHTS_REQUEST'
  | 'SPECIAL_NEED'
  | 'SURVEY_ANSWER'
  | 'TECHNICAL';

/** Categories of data subjects (GDPR Art. 30(1)(c)). */
export type DataSubjectCategory =
  | 'CUSTOMER'
  | 'EMPLOYEE'
  | 'LEARNER'
  | 'PARTICIPANT'
  | 'SUBSCRIBER'
  | 'VISITOR';

export type ErasureAction =
  | 'ANONYMISE'
  | 'ERASE'
  | 'RETAIN_RESTRICTED'
  | 'UNAVAILABLE';

export type HoldingState =
  | 'HELD'
  | 'NEEDS_REVIEW'
  | 'NOT_HELD'
  | 'UNAVAILABLE';

/** An identifier as somebody states it. */
export type IdentifierInput = {
  kind: IdentifierKind;
  /** In any spelling; it is normalised before it is compared. */
  value: string;
};

export type IdentifierKind =
  | 'CUSTOMER_NUMBER'
  | 'EMAIL'
  | 'EXTERNAL_ID'
  | 'PHONE'
  | 'USERNAME';

/** GDPR Art. 6(1)(a)-(f). */
export type LegalBasis =
  | 'CONSENT'
  | 'CONTRACT'
  | 'LEGAL_OBLIGATION'
  | 'LEGITIMATE_INTERESTS'
  | 'PUBLIC_TASK'
  | 'VITAL_INTERESTS';

/** Why staff must look at a match before anything of it is shown. */
export type MatchProblem =
  /** The record answers to another person as well. */
  | 'CLAIMED_BY_ANOTHER'
  /** The record names somebody who was erased from the system. Settled by `settleReappearance` first; nobody on the staff is shown it before. */
  | 'ERASED_BEFORE'
  /** Several records of the source answer to the person. */
  | 'SEVERAL_RECORDS';

/** Who is left out of counts of persons. */
export type NotCounted =
  /** Has not said yes to the purpose that the data is held for, or has taken it back. */
  | 'NO_CONSENT'
  /** Left data in the system without a record of theirs: guests. */
  | 'NO_RECORD'
  /** Objects to `STATISTICS` (GDPR Art. 21), also while it is not decided. */
  | 'OBJECTION'
  /** Has had the processing restricted (Art. 18), or is being erased (Art. 17). */
  | 'RESTRICTION';

export type OutcomeResult =
  | 'ABSENT'
  | 'ANONYMISED'
  | 'DONE'
  | 'FAILED'
  | 'PENDING'
  | 'RESTRICTED'
  | 'RETAINED';

/** What personal data is processed for. */
export type Purpose =
  | 'AUDIT'
  | 'BOOKKEEPING'
  | 'CUSTOMER_INFORMATION'
  | 'CUSTOMER_SUPPORT'
  | 'DATA_SUBJECT_RIGHTS'
  | 'DISCLOSURE_TO_AUTHORITIES'
  | 'EVENT_ADMINISTRATION'
  | 'NEWSLETTER'
  | 'ORDER_FULFILMENT'
  | 'PARTNER_MARKETING'
  | 'PROFILE_TAILORING'
  | 'PURCHASE_BASED_MARKETING'
  | 'RETURNS_AND_WARRANTY'
  | 'STATISTICS'
  | 'TESTING'
  | 'TRAINING_DELIVERY';

export type RefusalCode =
  | 'ALREADY_OPEN'
  | 'IDENTITY_AMBIGUOUS'
  | 'IDENTITY_NOT_VERIFIED'
  | 'INVALID_VALUE'
  | 'NOT_CANCELLABLE'
  | 'NOT_RECTIFIABLE'
  | 'NO_LEGAL_GROUND'
  | 'PLAN_CHANGED'
  | 'STEP_UP_REQUIRED'
  | 'VALUE_CONFLICT'
  | 'WRONG_STATE';

/** How the request came. */
export type RequestChannel =
  | 'EMAIL'
  | 'OPENDSR'
  | 'PHONE'
  | 'PORTAL'
  | 'POST';

/** Which requests of the work list. */
export type RequestFilter = {
  dueBefore?: string | null | undefined;
  kinds?: Array<RequestKind> | null | undefined;
  /** Absent: those that are open. */
  statuses?: Array<RequestStatus> | null | undefined;
};

/** Which right (GDPR Art. 15-21, 7(3)). */
export type RequestKind =
  | 'ACCESS'
  | 'CONSENT'
  | 'CONSENT_WITHDRAWAL'
  | 'ERASURE'
  | 'OBJECTION'
  | 'PORTABILITY'
  | 'RECTIFICATION'
  | 'RESTRICTION';

export type RequestStatus =
  | 'AWAITING_DECISION'
  | 'AWAITING_IDENTITY'
  | 'CANCELLED'
  | 'COMPLETED'
  | 'COMPLETED_WITH_RETENTION'
  | 'NEEDS_ATTENTION'
  | 'REFUSED'
  | 'RUNNING'
  | 'SCHEDULED';

/** Whose turn it is with a request. */
export type RequestWaitsFor =
  | 'PERSON'
  | 'STAFF'
  | 'SYSTEM'
  | 'TIME';

/** In what capacity somebody asks. */
export type Role =
  | 'ACCOUNTING'
  | 'AUDITOR'
  | 'DPO'
  | 'EVENTS'
  | 'MARKETING'
  | 'SUBJECT'
  | 'SUPPORT'
  | 'TRAINING';

/** What persons are counted by. */
export type StatisticsDimension =
  | 'COUNTRY'
  | 'COURSE'
  | 'EVENT'
  | 'LIST';

export type StepAction =
  | 'ANONYMISE'
  | 'ERASE'
  | 'EXPORT'
  | 'NOTIFY'
  | 'READ'
  | 'RECTIFY'
  | 'RESTRICT'
  | 'SUPPRESS'
  | 'VERIFY';

export type StepState =
  | 'DONE'
  | 'FAILED'
  | 'PENDING'
  | 'RETAINED'
  | 'RUNNING'
  | 'SKIPPED';

/** Whether the e-mail tool may send to the person. */
export type SubscriberStatus =
  | 'BLOCKLISTED'
  | 'ENABLED'
  | 'UNSUBSCRIBED';

/** A passage of a text, in Unicode code points. */
export type TextSpanInput = {
  length: number;
  /** From 0. */
  start: number;
};

export type AccessLogQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type AccessLogQuery = { me: { accessLog: { totalCount: number, edges: Array<{ node: { at: string, role: Role, purpose: Purpose, categories: Array<DataCategory>, sources: Array<string>, requestId: string | null, employee: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type AccessQueryVariables = Exact<{ [key: string]: never; }>;


export type AccessQuery = { me: { id: string, holdings: Array<{ source: string, state: HoldingState, detail: string | null, recordCount: number | null }>, crm: { customerNumber: string, name: string | null, email: string | null, phone: string | null, jobTitle: string | null, organisation: string | null, postalAddress: string | null, customerSince: string | null, lastActivityAt: string | null, conversations: { edges: Array<{ node: { at: string | null, channel: string | null, subject: string | null, body: string | null, handledBy: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, orders: { edges: Array<{ node: { number: string, orderedAt: string | null, status: string | null, total: string | null, currency: string | null, warrantyUntil: string | null, restricted: boolean | null, retainedUntil: string | null, lines: Array<{ product: string | null, quantity: number | null, unitPrice: string | null, amount: string | null }>, returns: Array<{ returnedAt: string | null, reason: string | null, status: string | null }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, enrichments: Array<{ attribute: string, value: string | null, provider: string | null, obtainedAt: string | null }>, other: Array<{ name: string, value: string | null, category: DataCategory }> } | null, learning: { username: string | null, email: string | null, name: string | null, jobTitle: string | null, organisation: string | null, createdAt: string | null, lastLoginAt: string | null, courses: { edges: Array<{ node: { course: string | null, level: string | null, status: string | null, score: number | null, completedAt: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, surveyAnswers: { edges: Array<{ node: { survey: string | null, question: string | null, answer: string | null, answeredAt: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, sessions: { edges: Array<{ node: { startedAt: string | null, browser: string | null, ipAddress: string | null, responseTimeMs: number | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, other: Array<{ name: string, value: string | null, category: DataCategory }> } | null, mailing: { address: string, status: SubscriberStatus, name: string | null, subscriptions: Array<{ list: string, status: string | null, subscribedAt: string | null, unsubscribedAt: string | null }>, bounces: Array<{ at: string | null, type: string | null, source: string | null, campaign: string | null }>, deliveries: { edges: Array<{ node: { campaign: string | null, sentAt: string | null, openedAt: string | null, repliedAt: string | null, clicks: Array<{ url: string | null, at: string | null }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, other: Array<{ name: string, value: string | null, category: DataCategory }> } | null, events: { registrations: { edges: Array<{ node: { event: string | null, startsAt: string | null, registeredAt: string | null, status: string | null, attended: boolean | null, name: string | null, email: string | null, phone: string | null, dietaryNeeds: string | null, accessNeeds: string | null, note: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, competitionEntries: Array<{ competition: string | null, enteredAt: string | null, answer: string | null, won: boolean | null }>, other: Array<{ name: string, value: string | null, category: DataCategory }> } | null, website: { email: string | null, firstSeenAt: string | null, lastSeenAt: string | null, submissions: { edges: Array<{ node: { form: string | null, submittedAt: string | null, replyTo: string | null, fields: Array<{ name: string, value: string | null }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, visits: { edges: Array<{ node: { at: string | null, ipAddress: string | null, device: string | null, browser: string | null, settings: string | null, country: string | null, city: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, browsers: { edges: Array<{ node: { visitorId: string | null, recognisedAt: string | null, recognisedBy: string | null, shared: boolean | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, other: Array<{ name: string, value: string | null, category: DataCategory }> } | null } | null };

export type AgreeToPrivacyPolicyMutationVariables = Exact<{
  version: string | number;
}>;


export type AgreeToPrivacyPolicyMutation = { agreeToPrivacyPolicy:
    | { __typename: 'PersonPolicyVersion', version: string, agreedAt: string | null, open: boolean }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string }
   };

export type ApproveRetentionReviewMutationVariables = Exact<{
  id: string | number;
}>;


export type ApproveRetentionReviewMutation = { approveRetentionReview:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string }
    | { __typename: 'RetentionReview', id: string, status: RequestStatus, approvedAt: string | null }
   };

export type AuditIntegrityQueryVariables = Exact<{ [key: string]: never; }>;


export type AuditIntegrityQuery = { auditIntegrity: { intact: boolean, entries: number, firstBroken: string | null, head: string } };

export type AuditTrailQueryVariables = Exact<{
  filter?: AuditFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type AuditTrailQuery = { auditTrail: { edges: Array<{ node: { sequence: string, at: string, actorRole: Role | null, actorRef: string | null, event: string, subjectRef: string | null, purpose: Purpose | null, coordinates: Array<string>, categories: Array<string>, sources: Array<string>, detail: string | null, hash: string, awaitsSeal: boolean } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CancelRequestMutationVariables = Exact<{
  id: string | number;
}>;


export type CancelRequestMutation = { cancelRequest:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string, existing: { id: string, status: RequestStatus, steps: Array<{ source: string, action: StepAction, recordType: string | null, state: StepState, outcome: { result: OutcomeResult, count: number | null } | null }> } | null }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus } }
   };

export type ConfirmIdentityMutationVariables = Exact<{
  id: string | number;
  code?: string | null | undefined;
}>;


export type ConfirmIdentityMutation = { confirmIdentity:
    | { __typename: 'IdentityConfirmed', requestId: string, status: RequestStatus }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string }
   };

export type ConfirmStepMutationVariables = Exact<{
  id: string | number;
  stepId: string | number;
  because?: string;
}>;


export type ConfirmStepMutation = { confirmStep:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, steps: Array<{ id: string, source: string, state: StepState, outcome: { result: OutcomeResult, detail: string | null } | null }> } }
   };

export type ConsentsQueryVariables = Exact<{ [key: string]: never; }>;


export type ConsentsQuery = { me: { consents: Array<{ purpose: Purpose, status: ConsentStatus, decidedAt: string | null, policyVersion: string | null, wording: string | null, howToWithdraw: string | null, receipt: string | null, history: Array<{ status: ConsentStatus, at: string, by: Role, channel: string, policyVersion: string, wording: string | null }> }> } | null };

export type DecideRequestMutationVariables = Exact<{
  id: string | number;
  approve?: boolean;
  legalGround?: string | null | undefined;
  explanation?: string | null | undefined;
}>;


export type DecideRequestMutation = { decideRequest:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, refusal: { code: RefusalCode, message: string, legalGround: string | null } | null } }
   };

export type DisclosuresQueryVariables = Exact<{
  subjectId: string | number;
}>;


export type DisclosuresQuery = { disclosures: Array<{ id: string, at: string, authority: string | null, legalGround: string | null, categories: Array<DataCategory>, secrecyUntil: string | null, secret: boolean }> };

export type EntitiesQueryVariables = Exact<{
  subjectId: string | number;
}>;


export type EntitiesQuery = { _entities: Array<{ id: string, crm: { name: string | null, customerNumber: string } | null } | null> };

export type RequestErasureMutationVariables = Exact<{
  planHash: string | number;
  sources?: Array<string> | string | null | undefined;
  reason?: string | null | undefined;
}>;


export type RequestErasureMutation = { requestErasure:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string, existing: { id: string, status: RequestStatus } | null }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, startsAt: string | null, steps: Array<{ source: string, action: StepAction, recordType: string | null, state: StepState, outcome: { result: OutcomeResult, count: number | null, legalGround: string | null, retainedUntil: string | null, detail: string | null } | null }> } }
   };

export type ErasurePlanQueryVariables = Exact<{
  sources?: Array<string> | string | null | undefined;
}>;


export type ErasurePlanQuery = { me: { erasurePlan: { hash: string, items: Array<{ source: string, recordType: string, count: number, action: ErasureAction, legalGround: string | null, retainedUntil: string | null, reason: string | null }> } } | null };

export type EstablishIdentityMutationVariables = Exact<{
  id: string | number;
  establishedBy?: string;
}>;


export type EstablishIdentityMutation = { establishIdentity:
    | { __typename: 'Refusal', code: RefusalCode, message: string, rule: string | null }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, timeline: Array<{ at: string, by: Role | null, event: string, note: string | null }> } }
   };

export type TakeAlongMutationVariables = Exact<{ [key: string]: never; }>;


export type TakeAlongMutation = { requestExport:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string, existing: { id: string, status: RequestStatus } | null }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, dueAt: string, steps: Array<{ source: string, action: StepAction, state: StepState, outcome: { result: OutcomeResult, count: number | null, detail: string | null } | null }>, download: { url: string, expiresAt: string, sha256: string | null, size: string, isWhole: boolean } | null } }
   };

export type ExtendDeadlineMutationVariables = Exact<{
  id: string | number;
  because?: string;
}>;


export type ExtendDeadlineMutation = { extendDeadline:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, dueAt: string, extendedBecause: string | null } }
   };

export type FieldPoliciesQueryVariables = Exact<{
  type?: string | null | undefined;
}>;


export type FieldPoliciesQuery = { fieldPolicies: Array<{ coordinate: string, category: DataCategory | null, purposes: Array<Purpose>, legalBasis: LegalBasis | null, retention: string | null, source: string | null, special: boolean, readableBy: Array<Role>, writableBy: Array<Role> }> };

export type FollowRequestSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type FollowRequestSubscription = { requestProgress: { id: string, kind: RequestKind, status: RequestStatus, dueAt: string, completedAt: string | null, steps: Array<{ source: string, action: StepAction, state: StepState, nextAttemptAt: string | null, lastError: string | null, outcome: { result: OutcomeResult, detail: string | null } | null }> } };

export type HoldingsQueryVariables = Exact<{ [key: string]: never; }>;


export type HoldingsQuery = { me: { holdings: Array<{ source: string, state: HoldingState, checkedAt: string, recordCount: number | null, detail: string | null, identifiers: Array<{ kind: IdentifierKind, value: string }>, processor: { name: string, country: string, agreement: string, transferSafeguard: string | null } }> } | null };

export type KeptQueryVariables = Exact<{ [key: string]: never; }>;


export type KeptQuery = { me: { holdings: Array<{ source: string, state: HoldingState, recordCount: number | null }>, crm: { name: string | null, postalAddress: string | null, orders: { edges: Array<{ node: { number: string, orderedAt: string | null, total: string | null, restricted: boolean | null, retainedUntil: string | null } }> } } | null, restrictions: Array<{ sources: Array<string>, reason: string, since: string, until: string | null, legalGround: string | null }>, requests: { edges: Array<{ node: { kind: RequestKind, status: RequestStatus, completedAt: string | null, receipt: string | null } }> } } | null };

export type LiftRestrictionMutationVariables = Exact<{
  sources?: Array<string> | string | null | undefined;
}>;


export type LiftRestrictionMutation = { liftRestriction:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, steps: Array<{ source: string, action: StepAction, state: StepState }> } }
   };

export type LinkIdentityMutationVariables = Exact<{
  subjectId: string | number;
}>;


export type LinkIdentityMutation = { linkIdentity:
    | { __typename: 'DataSubject', id: string, holdings: Array<{ source: string, state: HoldingState }> }
    | { __typename: 'Refusal', code: RefusalCode, message: string }
   };

export type MatchReviewsQueryVariables = Exact<{ [key: string]: never; }>;


export type MatchReviewsQuery = { matchReviews: { totalCount: number, edges: Array<{ node: { source: string, problem: MatchProblem, openedAt: string, subject: { id: string }, candidates: Array<{ name: string | null, identifiers: Array<{ kind: IdentifierKind, value: string }> }> | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type NoticeQueryVariables = Exact<{ [key: string]: never; }>;


export type NoticeQuery = { me: { notice: { policyVersion: string, sourcesOfData: Array<string>, automatedDecisions: string, rights: Array<string>, controller: { name: string, organisationNumber: string, postalAddress: string, email: string, phone: string }, purposes: Array<{ purpose: Purpose, legalBasis: LegalBasis, categories: Array<DataCategory>, retention: Array<string> }>, recipients: Array<{ name: string, role: string, country: string, purposes: Array<Purpose>, since: string | null, lastAt: string | null }>, transfers: Array<{ name: string, country: string, agreement: string, transferSafeguard: string | null }>, complaintTo: { name: string, url: string } } } | null };

export type ObjectToProcessingMutationVariables = Exact<{
  purpose?: Purpose;
  reason?: string | null | undefined;
}>;


export type ObjectToProcessingMutation = { objectToProcessing:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string, legalGround: string | null, judicialRemedy: string | null, complaintTo: { name: string, url: string } | null }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, dueAt: string } }
   };

export type OpenRetentionReviewMutationVariables = Exact<{
  asOf?: string | null | undefined;
}>;


export type OpenRetentionReviewMutation = { openRetentionReview:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string }
    | { __typename: 'RetentionReview', id: string, asOf: string, status: RequestStatus, items: Array<{ source: string, recordType: string, fields: Array<string> | null, rule: string, action: ErasureAction, count: number, undated: number, setAside: number, reason: string | null }> }
   };

export type PolicyVersionsQueryVariables = Exact<{ [key: string]: never; }>;


export type PolicyVersionsQuery = { privacyPolicy: { version: string, text: string }, me: { policyVersions: Array<{ version: string, publishedAt: string, changes: string | null, requiresConsent: boolean, toldAt: string | null, agreedAt: string | null, declinedAt: string | null, open: boolean }> } | null };

export type PrivacyPoliciesQueryVariables = Exact<{ [key: string]: never; }>;


export type PrivacyPoliciesQuery = { privacyPolicies: Array<{ version: string, publishedAt: string, changes: string | null, requiresConsent: boolean, reach: { told: number, waiting: number, failed: number, untold: number, complete: boolean, agreed: number, declined: number } }> };

export type ProcessingActivitiesQueryVariables = Exact<{ [key: string]: never; }>;


export type ProcessingActivitiesQuery = { processingActivities: Array<{ purpose: Purpose, legalBasis: LegalBasis, categories: Array<DataCategory>, dataSubjects: Array<DataSubjectCategory>, sources: Array<string>, retention: Array<string>, readableBy: Array<Role>, securityMeasures: Array<string>, processors: Array<{ name: string, country: string, agreement: string }>, recipients: Array<{ name: string, role: string, country: string, transferSafeguard: string | null }>, transfers: Array<{ name: string, country: string, transferSafeguard: string | null }> }> };

export type ProfileQueryVariables = Exact<{ [key: string]: never; }>;


export type ProfileQuery = { me: { profile: { name: { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> }, email: { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> }, phone: { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> }, jobTitle: { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> }, organisation: { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> }, postalAddress: { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> } } } | null };

export type UnifiedFragment = { value: string | null, agrees: boolean, heldBy: Array<{ source: string, value: string | null, version: string, updatedAt: string | null }> };

export type ProlongSecrecyMutationVariables = Exact<{
  id: string | number;
}>;


export type ProlongSecrecyMutation = { prolongSecrecy:
    | { __typename: 'Disclosure', id: string, secrecyUntil: string | null, secret: boolean }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
   };

export type PublicQueryVariables = Exact<{ [key: string]: never; }>;


export type PublicQuery = { controller: { name: string, organisationNumber: string, postalAddress: string, email: string, phone: string }, privacyPolicy: { version: string, publishedAt: string, language: string, requiresConsent: boolean, changes: string | null, text: string } };

export type PublishPrivacyPolicyMutationVariables = Exact<{
  version?: string | number;
}>;


export type PublishPrivacyPolicyMutation = { publishPrivacyPolicy:
    | { __typename: 'PrivacyPolicy', version: string, publishedAt: string, requiresConsent: boolean, tellsPersons: boolean }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
   };

export type ReappearancesQueryVariables = Exact<{ [key: string]: never; }>;


export type ReappearancesQuery = { reappearances: { totalCount: number, edges: Array<{ node: { id: string, source: string, seenAt: string, subject: { id: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type RecordDisclosureMutationVariables = Exact<{
  subjectId: string | number;
}>;


export type RecordDisclosureMutation = { recordDisclosure:
    | { __typename: 'Recipient', name: string, since: string | null, legalGround: string | null, categories: Array<DataCategory> }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
   };

export type RectifyMutationVariables = Exact<{
  value?: string;
}>;


export type RectifyMutation = { rectify:
    | { __typename: 'RectifyPayload', request: { id: string, status: RequestStatus, steps: Array<{ source: string, action: StepAction, recordType: string | null, state: StepState, lastError: string | null, outcome: { result: OutcomeResult, detail: string | null } | null }> }, subject: { profile: { phone: { heldBy: Array<{ source: string, value: string | null, version: string }> } } } }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string, current: Array<{ source: string, value: string | null, version: string }> | null }
   };

export type RegisterRequestMutationVariables = Exact<{
  kind?: RequestKind;
  channel?: RequestChannel;
  receivedAt: string;
  identifiers?: Array<IdentifierInput> | IdentifierInput;
  note?: string | null | undefined;
  identityEstablishedBy?: string | null | undefined;
}>;


export type RegisterRequestMutation = { registerRequest:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, dueAt: string, subject: { id: string } | null } }
   };

export type OneRequestQueryVariables = Exact<{
  id: string | number;
}>;


export type OneRequestQuery = { request: { id: string, kind: RequestKind, purpose: Purpose | null, status: RequestStatus, dueAt: string, extendedBecause: string | null, waitsFor: RequestWaitsFor | null, completedAt: string | null, complaintUrl: string, steps: Array<{ id: string, source: string, action: StepAction, field: string | null, recordType: string | null, state: StepState, attempts: number, nextAttemptAt: string | null, finishedAt: string | null, lastError: string | null, outcome: { result: OutcomeResult, count: number | null, retainedUntil: string | null, legalGround: string | null, detail: string | null } | null }>, timeline: Array<{ at: string, by: Role | null, event: string, detail: string | null, note: string | null }>, download: { url: string, expiresAt: string, sha256: string | null, isWhole: boolean } | null, refusal: { code: RefusalCode, message: string, legalGround: string | null, judicialRemedy: string | null, complaintTo: { name: string, url: string } | null } | null } | null };

export type RequestsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type RequestsQuery = { me: { requests: { totalCount: number, edges: Array<{ node: { id: string, kind: RequestKind, purpose: Purpose | null, status: RequestStatus, channel: RequestChannel, receivedAt: string, dueAt: string, completedAt: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, objections: Array<{ purpose: Purpose, reason: string | null, at: string, status: RequestStatus, endedAt: string | null }>, restrictions: Array<{ sources: Array<string>, reason: string, since: string, until: string | null, legalGround: string | null }>, recipients: Array<{ name: string, role: string, country: string, purposes: Array<Purpose>, since: string | null, lastAt: string | null, told: Array<{ event: string, at: string, requestId: string }> }> } | null };

export type RestrictProcessingMutationVariables = Exact<{
  reason?: string;
  sources?: Array<string> | string | null | undefined;
}>;


export type RestrictProcessingMutation = { restrictProcessing:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, steps: Array<{ source: string, action: StepAction, state: StepState, outcome: { result: OutcomeResult, detail: string | null } | null }> } }
   };

export type RetentionReviewQueryVariables = Exact<{
  id: string | number;
}>;


export type RetentionReviewQuery = { retentionReview: { openedAt: string, asOf: string, status: RequestStatus, approvedAt: string | null, endedAt: string | null, items: Array<{ source: string, recordType: string, fields: Array<string> | null, rule: string, action: ErasureAction, count: number, undated: number, setAside: number, state: StepState, gone: number | null, remaining: number | null, reason: string | null }> } | null };

export type RetryRequestMutationVariables = Exact<{
  id: string | number;
}>;


export type RetryRequestMutation = { retryRequest:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, steps: Array<{ id: string, source: string, state: StepState, attempts: number, lastError: string | null, outcome: { detail: string | null } | null }> } }
   };

export type SendIdentityCodeMutationVariables = Exact<{
  id: string | number;
  source?: string;
}>;


export type SendIdentityCodeMutation = { sendIdentityCode:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus, steps: Array<{ source: string, action: StepAction, recordType: string | null, state: StepState }> } }
   };

export type SetConsentMutationVariables = Exact<{
  purpose?: Purpose;
  given?: boolean;
}>;


export type SetConsentMutation = { setConsent:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string, legalGround: string | null }
    | { __typename: 'SetConsentPayload', consent: { status: ConsentStatus, decidedAt: string | null }, outcomes: Array<{ source: string, result: OutcomeResult, detail: string | null }>, request: { id: string } | null }
   };

export type SettleReappearanceMutationVariables = Exact<{
  id: string | number;
  because?: string;
}>;


export type SettleReappearanceMutation = { settleReappearance:
    | { __typename: 'ReappearancePayload', subject: { id: string }, request: { id: string, status: RequestStatus } | null }
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, message: string }
   };

export type StaffFindQueryVariables = Exact<{
  identifier?: IdentifierInput;
  purpose?: Purpose;
}>;


export type StaffFindQuery = { findDataSubjects: Array<{ sources: Array<string>, ambiguous: boolean, subject: { id: string }, matchedBy: Array<{ kind: IdentifierKind, value: string }> }> };

export type StaffReadQueryVariables = Exact<{
  subjectId: string | number;
  purpose?: Purpose;
}>;


export type StaffReadQuery = { dataSubject: { id: string, crm: { customerNumber: string, name: string | null, email: string | null, phone: string | null, conversations: { edges: Array<{ node: { at: string | null, channel: string | null, subject: string | null, body: string | null } }> } } | null } | null };

export type StatementMutationVariables = Exact<{
  text?: string;
}>;


export type StatementMutation = { addStatement:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'RequestPayload', request: { id: string, status: RequestStatus } }
   };

export type StatisticsQueryVariables = Exact<{
  by?: StatisticsDimension;
}>;


export type StatisticsQuery = { statistics: Array<{ source: string, minimumGroupSize: number, notCounted: Array<NotCounted>, counts: { asOf: string, groups: Array<{ name: string | null, at: string | null, count: number | null, suppressed: boolean }> } | null }> };

export type WithholdMutationVariables = Exact<{
  subjectId: string | number;
  requestId: string | number;
  text?: string;
  spans?: Array<TextSpanInput> | TextSpanInput;
  because?: string;
}>;


export type WithholdMutation = { withhold:
    | { __typename: 'Refusal', code: RefusalCode, rule: string | null, field: string | null, message: string }
    | { __typename: 'WithholdPayload', withheld: { id: string, source: string, recordType: string, field: string, spans: number, ground: string, because: string, at: string } }
   };

export type WorkListQueryVariables = Exact<{
  filter?: RequestFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type WorkListQuery = { requests: { totalCount: number, edges: Array<{ node: { id: string, kind: RequestKind, purpose: Purpose | null, status: RequestStatus, channel: RequestChannel, receivedAt: string, dueAt: string, waitsFor: RequestWaitsFor | null, subject: { id: string } | null, steps: Array<{ id: string, source: string, action: StepAction, state: StepState, lastError: string | null, outcome: { detail: string | null } | null }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type NamesQueryVariables = Exact<{ [key: string]: never; }>;


export type NamesQuery = { me: { crm: { name: string | null } | null, learning: { name: string | null } | null } | null };

export type OrderPageQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type OrderPageQuery = { me: { crm: { orders: { edges: Array<{ cursor: string, node: { number: string, orderedAt: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const UnifiedFragmentDoc = new TypedDocumentString(`
    fragment unified on UnifiedValue {
  value
  agrees
  heldBy {
    source
    value
    version
    updatedAt
  }
}
    `, {"fragmentName":"unified"}) as unknown as TypedDocumentString<UnifiedFragment, unknown>;
export const AccessLogDocument = new TypedDocumentString(`
    query AccessLog($after: String) {
  me {
    accessLog(first: 20, after: $after) {
      totalCount
      edges {
        node {
          at
          role
          purpose
          categories
          sources
          requestId
          employee
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AccessLogQuery, AccessLogQueryVariables>;
export const AccessDocument = new TypedDocumentString(`
    query Access {
  me {
    id
    holdings {
      source
      state
      detail
      recordCount
    }
    crm {
      customerNumber
      name
      email
      phone
      jobTitle
      organisation
      postalAddress
      customerSince
      lastActivityAt
      conversations {
        edges {
          node {
            at
            channel
            subject
            body
            handledBy
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      orders {
        edges {
          node {
            number
            orderedAt
            status
            total
            currency
            warrantyUntil
            restricted
            retainedUntil
            lines {
              product
              quantity
              unitPrice
              amount
            }
            returns {
              returnedAt
              reason
              status
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      enrichments {
        attribute
        value
        provider
        obtainedAt
      }
      other {
        name
        value
        category
      }
    }
    learning {
      username
      email
      name
      jobTitle
      organisation
      createdAt
      lastLoginAt
      courses {
        edges {
          node {
            course
            level
            status
            score
            completedAt
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      surveyAnswers {
        edges {
          node {
            survey
            question
            answer
            answeredAt
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      sessions {
        edges {
          node {
            startedAt
            browser
            ipAddress
            responseTimeMs
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      other {
        name
        value
        category
      }
    }
    mailing {
      address
      status
      name
      subscriptions {
        list
        status
        subscribedAt
        unsubscribedAt
      }
      bounces {
        at
        type
        source
        campaign
      }
      deliveries {
        edges {
          node {
            campaign
            sentAt
            openedAt
            clicks {
              url
              at
            }
            repliedAt
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      other {
        name
        value
        category
      }
    }
    events {
      registrations {
        edges {
          node {
            event
            startsAt
            registeredAt
            status
            attended
            name
            email
            phone
            dietaryNeeds
            accessNeeds
            note
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      competitionEntries {
        competition
        enteredAt
        answer
        won
      }
      other {
        name
        value
        category
      }
    }
    website {
      email
      firstSeenAt
      lastSeenAt
      submissions {
        edges {
          node {
            form
            submittedAt
            replyTo
            fields {
              name
              value
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      visits {
        edges {
          node {
            at
            ipAddress
            device
            browser
            settings
            country
            city
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      browsers {
        edges {
          node {
            visitorId
            recognisedAt
            recognisedBy
            shared
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      other {
        name
        value
        category
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AccessQuery, AccessQueryVariables>;
export const AgreeToPrivacyPolicyDocument = new TypedDocumentString(`
    mutation AgreeToPrivacyPolicy($version: ID!) {
  agreeToPrivacyPolicy(input: {version: $version, agrees: true}) {
    __typename
    ... on PersonPolicyVersion {
      version
      agreedAt
      open
    }
    ... on Refusal {
      code
      rule
      message
    }
  }
}
    `) as unknown as TypedDocumentString<AgreeToPrivacyPolicyMutation, AgreeToPrivacyPolicyMutationVariables>;
export const ApproveRetentionReviewDocument = new TypedDocumentString(`
    mutation ApproveRetentionReview($id: ID!) {
  approveRetentionReview(input: {id: $id}) {
    __typename
    ... on RetentionReview {
      id
      status
      approvedAt
    }
    ... on Refusal {
      code
      rule
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ApproveRetentionReviewMutation, ApproveRetentionReviewMutationVariables>;
export const AuditIntegrityDocument = new TypedDocumentString(`
    query AuditIntegrity {
  auditIntegrity {
    intact
    entries
    firstBroken
    head
  }
}
    `) as unknown as TypedDocumentString<AuditIntegrityQuery, AuditIntegrityQueryVariables>;
export const AuditTrailDocument = new TypedDocumentString(`
    query AuditTrail($filter: AuditFilter, $after: String) {
  auditTrail(filter: $filter, first: 50, after: $after) {
    edges {
      node {
        sequence
        at
        actorRole
        actorRef
        event
        subjectRef
        purpose
        coordinates
        categories
        sources
        detail
        hash
        awaitsSeal
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<AuditTrailQuery, AuditTrailQueryVariables>;
export const CancelRequestDocument = new TypedDocumentString(`
    mutation CancelRequest($id: ID!) {
  cancelRequest(input: {id: $id}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
      }
    }
    ... on Refusal {
      code
      rule
      message
      existing {
        id
        status
        steps {
          source
          action
          recordType
          state
          outcome {
            result
            count
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CancelRequestMutation, CancelRequestMutationVariables>;
export const ConfirmIdentityDocument = new TypedDocumentString(`
    mutation ConfirmIdentity($id: ID!, $code: String) {
  confirmIdentity(input: {id: $id, code: $code}) {
    __typename
    ... on IdentityConfirmed {
      requestId
      status
    }
    ... on Refusal {
      code
      rule
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ConfirmIdentityMutation, ConfirmIdentityMutationVariables>;
export const ConfirmStepDocument = new TypedDocumentString(`
    mutation ConfirmStep($id: ID!, $stepId: ID!, $because: String! = "Told them by e-mail, and they have answered") {
  confirmStep(input: {id: $id, stepId: $stepId, because: $because}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        steps {
          id
          source
          state
          outcome {
            result
            detail
          }
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ConfirmStepMutation, ConfirmStepMutationVariables>;
export const ConsentsDocument = new TypedDocumentString(`
    query Consents {
  me {
    consents {
      purpose
      status
      decidedAt
      policyVersion
      wording
      howToWithdraw
      history {
        status
        at
        by
        channel
        policyVersion
        wording
      }
      receipt
    }
  }
}
    `) as unknown as TypedDocumentString<ConsentsQuery, ConsentsQueryVariables>;
export const DecideRequestDocument = new TypedDocumentString(`
    mutation DecideRequest($id: ID!, $approve: Boolean! = false, $legalGround: String = "COMPELLING_GROUNDS", $explanation: String = "The figures are of a thousand persons, and nobody can be made out in them.") {
  decideRequest(
    input: {id: $id, approve: $approve, legalGround: $legalGround, explanation: $explanation}
  ) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        refusal {
          code
          message
          legalGround
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DecideRequestMutation, DecideRequestMutationVariables>;
export const DisclosuresDocument = new TypedDocumentString(`
    query Disclosures($subjectId: ID!) {
  disclosures(subjectId: $subjectId) {
    id
    at
    authority
    legalGround
    categories
    secrecyUntil
    secret
  }
}
    `) as unknown as TypedDocumentString<DisclosuresQuery, DisclosuresQueryVariables>;
export const EntitiesDocument = new TypedDocumentString(`
    query Entities($subjectId: ID!) {
  _entities(representations: [{__typename: "DataSubject", id: $subjectId}]) {
    ... on DataSubject {
      id
      crm {
        name
        customerNumber
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EntitiesQuery, EntitiesQueryVariables>;
export const RequestErasureDocument = new TypedDocumentString(`
    mutation RequestErasure($planHash: ID!, $sources: [String!], $reason: String) {
  requestErasure(input: {planHash: $planHash, sources: $sources, reason: $reason}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        startsAt
        steps {
          source
          action
          recordType
          state
          outcome {
            result
            count
            legalGround
            retainedUntil
            detail
          }
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
      existing {
        id
        status
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RequestErasureMutation, RequestErasureMutationVariables>;
export const ErasurePlanDocument = new TypedDocumentString(`
    query ErasurePlan($sources: [String!]) {
  me {
    erasurePlan(sources: $sources) {
      hash
      items {
        source
        recordType
        count
        action
        legalGround
        retainedUntil
        reason
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ErasurePlanQuery, ErasurePlanQueryVariables>;
export const EstablishIdentityDocument = new TypedDocumentString(`
    mutation EstablishIdentity($id: ID!, $establishedBy: String! = "Called back on the number that the CRM has") {
  establishIdentity(input: {id: $id, establishedBy: $establishedBy}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        timeline {
          at
          by
          event
          note
        }
      }
    }
    ... on Refusal {
      code
      message
      rule
    }
  }
}
    `) as unknown as TypedDocumentString<EstablishIdentityMutation, EstablishIdentityMutationVariables>;
export const TakeAlongDocument = new TypedDocumentString(`
    mutation TakeAlong {
  requestExport(input: {kind: ACCESS, format: JSON}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        dueAt
        steps {
          source
          action
          state
          outcome {
            result
            count
            detail
          }
        }
        download {
          url
          expiresAt
          sha256
          size
          isWhole
        }
      }
    }
    ... on Refusal {
      code
      rule
      message
      existing {
        id
        status
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TakeAlongMutation, TakeAlongMutationVariables>;
export const ExtendDeadlineDocument = new TypedDocumentString(`
    mutation ExtendDeadline($id: ID!, $because: String! = "Five systems must be searched by hand.") {
  extendDeadline(input: {id: $id, because: $because}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        dueAt
        extendedBecause
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ExtendDeadlineMutation, ExtendDeadlineMutationVariables>;
export const FieldPoliciesDocument = new TypedDocumentString(`
    query FieldPolicies($type: String = "CustomerRecord") {
  fieldPolicies(type: $type) {
    coordinate
    category
    purposes
    legalBasis
    retention
    source
    special
    readableBy
    writableBy
  }
}
    `) as unknown as TypedDocumentString<FieldPoliciesQuery, FieldPoliciesQueryVariables>;
export const FollowRequestDocument = new TypedDocumentString(`
    subscription FollowRequest($id: ID!) {
  requestProgress(id: $id) {
    id
    kind
    status
    dueAt
    completedAt
    steps {
      source
      action
      state
      nextAttemptAt
      lastError
      outcome {
        result
        detail
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FollowRequestSubscription, FollowRequestSubscriptionVariables>;
export const HoldingsDocument = new TypedDocumentString(`
    query Holdings {
  me {
    holdings {
      source
      state
      checkedAt
      identifiers {
        kind
        value
      }
      recordCount
      processor {
        name
        country
        agreement
        transferSafeguard
      }
      detail
    }
  }
}
    `) as unknown as TypedDocumentString<HoldingsQuery, HoldingsQueryVariables>;
export const KeptDocument = new TypedDocumentString(`
    query Kept {
  me {
    holdings {
      source
      state
      recordCount
    }
    crm {
      name
      postalAddress
      orders {
        edges {
          node {
            number
            orderedAt
            total
            restricted
            retainedUntil
          }
        }
      }
    }
    restrictions {
      sources
      reason
      since
      until
      legalGround
    }
    requests(first: 5) {
      edges {
        node {
          kind
          status
          completedAt
          receipt
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<KeptQuery, KeptQueryVariables>;
export const LiftRestrictionDocument = new TypedDocumentString(`
    mutation LiftRestriction($sources: [String!]) {
  liftRestriction(input: {sources: $sources}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        steps {
          source
          action
          state
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<LiftRestrictionMutation, LiftRestrictionMutationVariables>;
export const LinkIdentityDocument = new TypedDocumentString(`
    mutation LinkIdentity($subjectId: ID!) {
  linkIdentity(
    input: {subjectId: $subjectId, source: "mailing", identifier: {kind: EMAIL, value: "ingrid.lie@example.com"}, because: "Showed that the earlier address was hers"}
  ) {
    __typename
    ... on DataSubject {
      id
      holdings {
        source
        state
      }
    }
    ... on Refusal {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<LinkIdentityMutation, LinkIdentityMutationVariables>;
export const MatchReviewsDocument = new TypedDocumentString(`
    query MatchReviews {
  matchReviews(purpose: DATA_SUBJECT_RIGHTS) {
    totalCount
    edges {
      node {
        source
        problem
        openedAt
        subject {
          id
        }
        candidates {
          name
          identifiers {
            kind
            value
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MatchReviewsQuery, MatchReviewsQueryVariables>;
export const NoticeDocument = new TypedDocumentString(`
    query Notice {
  me {
    notice {
      controller {
        name
        organisationNumber
        postalAddress
        email
        phone
      }
      policyVersion
      purposes {
        purpose
        legalBasis
        categories
        retention
      }
      recipients {
        name
        role
        country
        purposes
        since
        lastAt
      }
      sourcesOfData
      automatedDecisions
      transfers {
        name
        country
        agreement
        transferSafeguard
      }
      rights
      complaintTo {
        name
        url
      }
    }
  }
}
    `) as unknown as TypedDocumentString<NoticeQuery, NoticeQueryVariables>;
export const ObjectToProcessingDocument = new TypedDocumentString(`
    mutation ObjectToProcessing($purpose: Purpose! = STATISTICS, $reason: String = "I am the only one of my workplace in them") {
  objectToProcessing(input: {purpose: $purpose, reason: $reason}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        dueAt
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
      legalGround
      complaintTo {
        name
        url
      }
      judicialRemedy
    }
  }
}
    `) as unknown as TypedDocumentString<ObjectToProcessingMutation, ObjectToProcessingMutationVariables>;
export const OpenRetentionReviewDocument = new TypedDocumentString(`
    mutation OpenRetentionReview($asOf: Date) {
  openRetentionReview(input: {asOf: $asOf}) {
    __typename
    ... on RetentionReview {
      id
      asOf
      status
      items {
        source
        recordType
        fields
        rule
        action
        count
        undated
        setAside
        reason
      }
    }
    ... on Refusal {
      code
      rule
      message
    }
  }
}
    `) as unknown as TypedDocumentString<OpenRetentionReviewMutation, OpenRetentionReviewMutationVariables>;
export const PolicyVersionsDocument = new TypedDocumentString(`
    query PolicyVersions {
  privacyPolicy {
    version
    text
  }
  me {
    policyVersions {
      version
      publishedAt
      changes
      requiresConsent
      toldAt
      agreedAt
      declinedAt
      open
    }
  }
}
    `) as unknown as TypedDocumentString<PolicyVersionsQuery, PolicyVersionsQueryVariables>;
export const PrivacyPoliciesDocument = new TypedDocumentString(`
    query PrivacyPolicies {
  privacyPolicies {
    version
    publishedAt
    changes
    requiresConsent
    reach {
      told
      waiting
      failed
      untold
      complete
      agreed
      declined
    }
  }
}
    `) as unknown as TypedDocumentString<PrivacyPoliciesQuery, PrivacyPoliciesQueryVariables>;
export const ProcessingActivitiesDocument = new TypedDocumentString(`
    query ProcessingActivities {
  processingActivities {
    purpose
    legalBasis
    categories
    dataSubjects
    sources
    processors {
      name
      country
      agreement
    }
    recipients {
      name
      role
      country
      transferSafeguard
    }
    retention
    readableBy
    securityMeasures
    transfers {
      name
      country
      transferSafeguard
    }
  }
}
    `) as unknown as TypedDocumentString<ProcessingActivitiesQuery, ProcessingActivitiesQueryVariables>;
export const ProfileDocument = new TypedDocumentString(`
    query Profile {
  me {
    profile {
      name {
        ...unified
      }
      email {
        ...unified
      }
      phone {
        ...unified
      }
      jobTitle {
        ...unified
      }
      organisation {
        ...unified
      }
      postalAddress {
        ...unified
      }
    }
  }
}
    fragment unified on UnifiedValue {
  value
  agrees
  heldBy {
    source
    value
    version
    updatedAt
  }
}`) as unknown as TypedDocumentString<ProfileQuery, ProfileQueryVariables>;
export const ProlongSecrecyDocument = new TypedDocumentString(`
    mutation ProlongSecrecy($id: ID!) {
  prolongSecrecy(input: {id: $id, secrecyUntil: "2999-12-31"}) {
    __typename
    ... on Disclosure {
      id
      secrecyUntil
      secret
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ProlongSecrecyMutation, ProlongSecrecyMutationVariables>;
export const PublicDocument = new TypedDocumentString(`
    query Public {
  controller {
    name
    organisationNumber
    postalAddress
    email
    phone
  }
  privacyPolicy {
    version
    publishedAt
    language
    requiresConsent
    changes
    text
  }
}
    `) as unknown as TypedDocumentString<PublicQuery, PublicQueryVariables>;
export const PublishPrivacyPolicyDocument = new TypedDocumentString(`
    mutation PublishPrivacyPolicy($version: ID! = "2027-01-01") {
  publishPrivacyPolicy(
    input: {version: $version, text: "Personvernerklæring for Intech AS. Vi sletter det du ikke har brukt på to år.", language: "nb", changes: "Vi sletter etter to år. Før var det fem.", requiresConsent: true}
  ) {
    __typename
    ... on PrivacyPolicy {
      version
      publishedAt
      requiresConsent
      tellsPersons
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<PublishPrivacyPolicyMutation, PublishPrivacyPolicyMutationVariables>;
export const ReappearancesDocument = new TypedDocumentString(`
    query Reappearances {
  reappearances {
    totalCount
    edges {
      node {
        id
        source
        seenAt
        subject {
          id
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ReappearancesQuery, ReappearancesQueryVariables>;
export const RecordDisclosureDocument = new TypedDocumentString(`
    mutation RecordDisclosure($subjectId: ID!) {
  recordDisclosure(
    input: {subjectId: $subjectId, authority: "Økokrim", legalGround: "straffeprosessloven § 210, kjennelse av Oslo tingrett", categories: [PURCHASE, CONTACT], secrecyUntil: "2999-12-31"}
  ) {
    __typename
    ... on Recipient {
      name
      since
      legalGround
      categories
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RecordDisclosureMutation, RecordDisclosureMutationVariables>;
export const RectifyDocument = new TypedDocumentString(`
    mutation Rectify($value: String! = "400 00 001") {
  rectify(input: {changes: [{field: PHONE, value: $value}]}) {
    __typename
    ... on RectifyPayload {
      request {
        id
        status
        steps {
          source
          action
          recordType
          state
          lastError
          outcome {
            result
            detail
          }
        }
      }
      subject {
        profile {
          phone {
            heldBy {
              source
              value
              version
            }
          }
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
      current {
        source
        value
        version
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RectifyMutation, RectifyMutationVariables>;
export const RegisterRequestDocument = new TypedDocumentString(`
    mutation RegisterRequest($kind: RequestKind! = RECTIFICATION, $channel: RequestChannel! = POST, $receivedAt: DateTime!, $identifiers: [IdentifierInput!]! = [{kind: EMAIL, value: "eva.enebo@example.com"}], $note: String = "Has a new telephone number", $identityEstablishedBy: String = "Called back on the number that the e-mail tool has") {
  registerRequest(
    input: {kind: $kind, channel: $channel, receivedAt: $receivedAt, identifiers: $identifiers, note: $note, identityEstablishedBy: $identityEstablishedBy}
  ) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        dueAt
        subject {
          id
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RegisterRequestMutation, RegisterRequestMutationVariables>;
export const OneRequestDocument = new TypedDocumentString(`
    query OneRequest($id: ID!) {
  request(id: $id) {
    id
    kind
    purpose
    status
    dueAt
    extendedBecause
    waitsFor
    completedAt
    steps {
      id
      source
      action
      field
      recordType
      state
      attempts
      nextAttemptAt
      finishedAt
      lastError
      outcome {
        result
        count
        retainedUntil
        legalGround
        detail
      }
    }
    timeline {
      at
      by
      event
      detail
      note
    }
    download {
      url
      expiresAt
      sha256
      isWhole
    }
    complaintUrl
    refusal {
      code
      message
      legalGround
      complaintTo {
        name
        url
      }
      judicialRemedy
    }
  }
}
    `) as unknown as TypedDocumentString<OneRequestQuery, OneRequestQueryVariables>;
export const RequestsDocument = new TypedDocumentString(`
    query Requests($after: String) {
  me {
    requests(first: 20, after: $after) {
      totalCount
      edges {
        node {
          id
          kind
          purpose
          status
          channel
          receivedAt
          dueAt
          completedAt
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    objections {
      purpose
      reason
      at
      status
      endedAt
    }
    restrictions {
      sources
      reason
      since
      until
      legalGround
    }
    recipients {
      name
      role
      country
      purposes
      since
      lastAt
      told {
        event
        at
        requestId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RequestsQuery, RequestsQueryVariables>;
export const RestrictProcessingDocument = new TypedDocumentString(`
    mutation RestrictProcessing($reason: String! = "I contest that the address is right", $sources: [String!]) {
  restrictProcessing(input: {reason: $reason, sources: $sources}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        steps {
          source
          action
          state
          outcome {
            result
            detail
          }
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RestrictProcessingMutation, RestrictProcessingMutationVariables>;
export const RetentionReviewDocument = new TypedDocumentString(`
    query RetentionReview($id: ID!) {
  retentionReview(id: $id) {
    openedAt
    asOf
    status
    approvedAt
    endedAt
    items {
      source
      recordType
      fields
      rule
      action
      count
      undated
      setAside
      state
      gone
      remaining
      reason
    }
  }
}
    `) as unknown as TypedDocumentString<RetentionReviewQuery, RetentionReviewQueryVariables>;
export const RetryRequestDocument = new TypedDocumentString(`
    mutation RetryRequest($id: ID!) {
  retryRequest(input: {id: $id}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        steps {
          id
          source
          state
          attempts
          lastError
          outcome {
            detail
          }
        }
      }
    }
    ... on Refusal {
      code
      rule
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RetryRequestMutation, RetryRequestMutationVariables>;
export const SendIdentityCodeDocument = new TypedDocumentString(`
    mutation SendIdentityCode($id: ID!, $source: String! = "mailing") {
  sendIdentityCode(input: {id: $id, source: $source}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
        steps {
          source
          action
          recordType
          state
        }
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SendIdentityCodeMutation, SendIdentityCodeMutationVariables>;
export const SetConsentDocument = new TypedDocumentString(`
    mutation SetConsent($purpose: Purpose! = NEWSLETTER, $given: Boolean! = false) {
  setConsent(input: {purpose: $purpose, given: $given}) {
    __typename
    ... on SetConsentPayload {
      consent {
        status
        decidedAt
      }
      outcomes {
        source
        result
        detail
      }
      request {
        id
      }
    }
    ... on Refusal {
      code
      rule
      message
      legalGround
    }
  }
}
    `) as unknown as TypedDocumentString<SetConsentMutation, SetConsentMutationVariables>;
export const SettleReappearanceDocument = new TypedDocumentString(`
    mutation SettleReappearance($id: ID!, $because: String! = "Signed up for a course herself, with a new order") {
  settleReappearance(input: {id: $id, newRelationship: true, because: $because}) {
    __typename
    ... on ReappearancePayload {
      subject {
        id
      }
      request {
        id
        status
      }
    }
    ... on Refusal {
      code
      rule
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SettleReappearanceMutation, SettleReappearanceMutationVariables>;
export const StaffFindDocument = new TypedDocumentString(`
    query StaffFind($identifier: IdentifierInput! = {kind: EMAIL, value: "kari.nordmann@example.com"}, $purpose: Purpose! = CUSTOMER_SUPPORT) {
  findDataSubjects(identifier: $identifier, purpose: $purpose) {
    subject {
      id
    }
    matchedBy {
      kind
      value
    }
    sources
    ambiguous
  }
}
    `) as unknown as TypedDocumentString<StaffFindQuery, StaffFindQueryVariables>;
export const StaffReadDocument = new TypedDocumentString(`
    query StaffRead($subjectId: ID!, $purpose: Purpose! = CUSTOMER_SUPPORT) {
  dataSubject(id: $subjectId, purpose: $purpose) {
    id
    crm {
      customerNumber
      name
      email
      phone
      conversations(first: 10) {
        edges {
          node {
            at
            channel
            subject
            body
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<StaffReadQuery, StaffReadQueryVariables>;
export const StatementDocument = new TypedDocumentString(`
    mutation Statement($text: String! = "The goods came two weeks after the invoice.") {
  addStatement(input: {source: "crm", recordType: "orders", text: $text}) {
    __typename
    ... on RequestPayload {
      request {
        id
        status
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<StatementMutation, StatementMutationVariables>;
export const StatisticsDocument = new TypedDocumentString(`
    query Statistics($by: StatisticsDimension! = EVENT) {
  statistics(by: $by) {
    source
    minimumGroupSize
    notCounted
    counts {
      asOf
      groups {
        name
        at
        count
        suppressed
      }
    }
  }
}
    `) as unknown as TypedDocumentString<StatisticsQuery, StatisticsQueryVariables>;
export const WithholdDocument = new TypedDocumentString(`
    mutation Withhold($subjectId: ID!, $requestId: ID!, $text: String! = "Fakturaen skulle gått til kollegaen min Per Berg, per.berg@example.com, tlf. 912 00 112.", $spans: [TextSpanInput!]! = [{start: 40, length: 47}], $because: String! = "It is about a colleague of yours") {
  withhold(
    input: {subjectId: $subjectId, requestId: $requestId, source: "crm", recordType: "conversations", field: "body", text: $text, spans: $spans, because: $because}
  ) {
    __typename
    ... on WithholdPayload {
      withheld {
        id
        source
        recordType
        field
        spans
        ground
        because
        at
      }
    }
    ... on Refusal {
      code
      rule
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<WithholdMutation, WithholdMutationVariables>;
export const WorkListDocument = new TypedDocumentString(`
    query WorkList($filter: RequestFilter, $after: String) {
  requests(filter: $filter, first: 20, after: $after) {
    totalCount
    edges {
      node {
        id
        kind
        purpose
        status
        channel
        receivedAt
        dueAt
        waitsFor
        subject {
          id
        }
        steps {
          id
          source
          action
          state
          lastError
          outcome {
            detail
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<WorkListQuery, WorkListQueryVariables>;
export const NamesDocument = new TypedDocumentString(`
    query Names {
  me {
    crm {
      name
    }
    learning {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<NamesQuery, NamesQueryVariables>;
export const OrderPageDocument = new TypedDocumentString(`
    query OrderPage($first: Int, $after: String) {
  me {
    crm {
      orders(first: $first, after: $after) {
        edges {
          cursor
          node {
            number
            orderedAt
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<OrderPageQuery, OrderPageQueryVariables>;