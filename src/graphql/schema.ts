import { GraphQLSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import { ConsentGraph, ConsentMutation, ConsentsBranch } from "../requests/consent-graph.ts";
import { ErasureMutations, ErasurePlanBranch, RefusedRequestGraph } from "../requests/erasure-graph.ts";
import { DownloadGraph, ExportMutation } from "../requests/export-graph.ts";
import { NoticeBranch } from "../requests/notice-graph.ts";
import { ProgressGraph, SubscriptionRoot } from "../requests/progress-graph.ts";
import { PublicQueries } from "../requests/public-graph.ts";
import { RectifyMutation } from "../requests/rectify-graph.ts";
import {
  ReappearanceConnectionGraph,
  ReappearanceMutations,
  ReappearanceQueries,
} from "../requests/reappearances-graph.ts";
import { ObjectionMutation, ObjectionsBranch } from "../requests/objections-graph.ts";
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
import { registerTerms } from "../subjects/terms.ts";
import { AuditQueries } from "./audit-graph.ts";
import { applyDirectives, policyDirectives } from "./directives.ts";
import { MeQuery } from "./me-graph.ts";
import { policiesOf, type Policies } from "./policies.ts";
import { guardObjects } from "./shield.ts";
import { subscriptionRoot } from "./source-stream.ts";

export interface GatewaySchema {
  /** With the object-level rules. */
  readonly schema: GraphQLSchema;
  readonly policies: Policies;
}

const resolvers: NonEmptyArray<NewableFunction> = [
  MeQuery,
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
  RemediesGraph,
  PublicQueries,
  AuditQueries,
  HoldingsBranch,
  HoldingGraph,
  ProfileBranch,
  NoticeBranch,
  AccessLogBranch,
  AccessLogConnectionGraph,
  AccessLogEntryGraph,
  ...roster.flatMap((source) => source.resolvers),
];

/** The schema before it is guarded. type-graphql keeps its metadata per process, so this is built once. */
export const unguarded = once(() => {
  registerTerms();
  registerRequestTerms();
  const built = buildSchemaSync({ resolvers, validate: false, orphanedTypes: [SubscriptionRoot] });
  const policies = policiesOf(built);
  const schema = new GraphQLSchema({
    ...built.toConfig(),
    subscription: subscriptionRoot(built, SubscriptionRoot.name),
    directives: [...built.getDirectives(), ...policyDirectives(built)],
  });
  applyDirectives(schema, policies);
  return { schema, policies };
});

/** @throws with the name of every coordinate that has no policy. */
export const gatewaySchema: () => GatewaySchema = once(() => {
  const { schema, policies } = unguarded();
  return { schema: guardObjects(schema, policies), policies };
});

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
