import { GraphQLSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import { ActivityQueries } from "../records/activities-graph.ts";
import type { Role } from "../access/vocabulary.ts";
import { ConsentGraph, ConsentMutation, ConsentsBranch } from "../requests/consent-graph.ts";
import { ErasureMutations, ErasurePlanBranch, RefusedRequestGraph } from "../requests/erasure-graph.ts";
import { DownloadGraph, ExportMutation } from "../requests/export-graph.ts";
import { NoticeBranch } from "../requests/notice-graph.ts";
import { ProgressGraph, SubscriptionRoot } from "../requests/progress-graph.ts";
import { PolicyMutations, PolicyQueries, PolicyReachGraph } from "../requests/policies-graph.ts";
import { PolicyAnswerMutation, PolicyVersionsBranch } from "../requests/policy-answers-graph.ts";
import { PublicQueries } from "../requests/public-graph.ts";
import { RectifyMutation } from "../requests/rectify-graph.ts";
import {
  ReappearanceConnectionGraph,
  ReappearanceMutations,
  ReappearanceQueries,
} from "../requests/reappearances-graph.ts";
import { ObjectionMutation, ObjectionsBranch } from "../requests/objections-graph.ts";
import { DisclosureMutations, DisclosureQueries } from "../requests/disclosures-graph.ts";
import { RecipientGraph, RecipientsBranch } from "../requests/recipients-graph.ts";
import { RemediesGraph } from "../requests/remedies-graph.ts";
import { RequestGraph } from "../requests/request-graph.ts";
import { RequestConnectionGraph, RequestQueries, RequestsBranch } from "../requests/requests-graph.ts";
import { RestrictionMutations, RestrictionsBranch } from "../requests/restrictions-graph.ts";
import { IdentityMutations } from "../requests/identity-graph.ts";
import { RequestStaffMutations } from "../requests/staff-graph.ts";
import { RetentionReviewMutations, RetentionReviewQueries } from "../requests/retention-review-graph.ts";
import { StatementMutation } from "../requests/statement-graph.ts";
import { WithheldBranch, WithheldMutations } from "../requests/withheld-graph.ts";
import { registerRequestTerms } from "../requests/terms.ts";
import { roster } from "../sources/roster.ts";
import {
  AccessLogBranch,
  AccessLogConnectionGraph,
  AccessLogEntryGraph,
} from "../subjects/access-log-graph.ts";
import { DecisionMutations } from "../subjects/decisions-graph.ts";
import { HoldingGraph, HoldingsBranch } from "../subjects/holdings-graph.ts";
import { ProfileBranch } from "../subjects/profile-graph.ts";
import { ReviewGraph, ReviewQueries } from "../subjects/reviews-graph.ts";
import { StaffQueries } from "../subjects/staff-graph.ts";
import { StatisticsGraph, StatisticsQueries } from "../subjects/statistics-graph.ts";
import { registerTerms } from "../subjects/terms.ts";
import { appliedDirectiveTypes } from "./applied-directives.ts";
import { AuditQueries } from "./audit-graph.ts";
import { AuditTrailQuery } from "./audit-trail-graph.ts";
import { applyDirectives, policyDirectives } from "./directives.ts";
import type { GatewayContext } from "./context.ts";
import { FieldPolicyQuery } from "./field-policies-graph.ts";
import { extendIntrospection, type View } from "./introspection.ts";
import { EntityQueries } from "./entities-graph.ts";
import { MeQuery } from "./me-graph.ts";
import { policiesOf, type Policies } from "./policies.ts";
import { createRoleViews } from "./role-views.ts";
import { guardObjects } from "./shield.ts";
import { subscriptionRoot } from "./source-stream.ts";

export interface GatewaySchema {
  /** With the object-level rules. */
  readonly schema: GraphQLSchema;
  readonly policies: Policies;
}

const resolvers: NonEmptyArray<NewableFunction> = [
  MeQuery,
  EntityQueries,
  StaffQueries,
  ReviewQueries,
  ReviewGraph,
  DecisionMutations,
  RectifyMutation,
  ConsentMutation,
  ConsentGraph,
  ConsentsBranch,
  RequestGraph,
  RequestQueries,
  RequestsBranch,
  RequestConnectionGraph,
  ObjectionMutation,
  ObjectionsBranch,
  RestrictionMutations,
  RestrictionsBranch,
  RequestStaffMutations,
  IdentityMutations,
  ErasurePlanBranch,
  ErasureMutations,
  RefusedRequestGraph,
  ExportMutation,
  DownloadGraph,
  ReappearanceQueries,
  ReappearanceConnectionGraph,
  ReappearanceMutations,
  RetentionReviewQueries,
  RetentionReviewMutations,
  StatementMutation,
  WithheldBranch,
  WithheldMutations,
  ProgressGraph,
  RecipientsBranch,
  RecipientGraph,
  DisclosureQueries,
  DisclosureMutations,
  RemediesGraph,
  PublicQueries,
  PolicyQueries,
  PolicyReachGraph,
  PolicyMutations,
  PolicyAnswerMutation,
  PolicyVersionsBranch,
  AuditQueries,
  ActivityQueries,
  AuditTrailQuery,
  FieldPolicyQuery,
  HoldingsBranch,
  HoldingGraph,
  ProfileBranch,
  NoticeBranch,
  AccessLogBranch,
  AccessLogConnectionGraph,
  AccessLogEntryGraph,
  StatisticsQueries,
  StatisticsGraph,
  ...roster.flatMap((source) => source.resolvers),
];

/** The schema before it is guarded. type-graphql keeps its metadata per process, so this is built once. */
export const unguarded = once(() => {
  registerTerms();
  registerRequestTerms();
  const built = buildSchemaSync({ resolvers, validate: false, orphanedTypes: [SubscriptionRoot] });
  const config = built.toConfig();
  const schema = new GraphQLSchema({
    ...config,
    subscription: subscriptionRoot(built, SubscriptionRoot.name),
    types: [...config.types, ...appliedDirectiveTypes()],
    directives: [...built.getDirectives(), ...policyDirectives(built)],
  });
  const policies = policiesOf(schema);
  applyDirectives(schema, policies);
  extendIntrospection(schema);
  return { schema, policies };
});

/** @throws with the name of every coordinate that has no policy. */
export const gatewaySchema: () => GatewaySchema = once(() => {
  const { schema, policies } = unguarded();
  const guarded = guardObjects(schema, policies);
  extendIntrospection(guarded, createView(guarded, policies));
  return { schema: guarded, policies };
});

function createView(schema: GraphQLSchema, policies: Policies): View {
  const partOf = createRoleViews(schema, policies);
  const nobody: ReadonlySet<Role> = new Set();
  return (context) =>
    partOf((context as Pick<GatewayContext, "principal"> | undefined)?.principal?.roles ?? nobody);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
