import { createRequire } from "node:module";
import type { GraphQLResolveInfo, GraphQLSchema } from "graphql";
import { applyMiddleware, type IMiddlewareGenerator } from "graphql-middleware";
import type * as Shield from "graphql-shield";
import { Role } from "../access/vocabulary.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { GatewayContext } from "./context.ts";
import { fault } from "./faults.ts";
import { createPersonGuard } from "./person-guard.ts";
import type { Policies } from "./policies.ts";

// Its ES modules call a function that Node 23 removed; the CommonJS build does not.
const { allow, deny, rule, shield }: typeof Shield = createRequire(import.meta.url)("graphql-shield");

type Rule = ReturnType<ReturnType<typeof rule>> | typeof allow | typeof deny;

/** `contextual` caching has given one person's verdict to another. */
const decided = (
  decide: (
    parent: unknown,
    context: GatewayContext,
    info: GraphQLResolveInfo,
  ) => true | Error | Promise<true | Error>,
): Rule =>
  rule({ cache: "no_cache" })(
    (parent: unknown, _args: unknown, context: GatewayContext, info: GraphQLResolveInfo) =>
      decide(parent, context, info),
  );

const signedIn = decided((_parent, { principal }) => principal !== null || fault("UNAUTHENTICATED"));

const hasRole = (...roles: readonly Role[]) =>
  decided((_parent, { principal }) => {
    if (principal === null) return fault("UNAUTHENTICATED");
    return roles.some((role) => principal.roles.has(role)) || fault("FORBIDDEN");
  });

const staff = hasRole(...Object.values(Role).filter((role) => role !== Role.SUBJECT));

/** Who may enter each root field; one that is not here is refused. */
const rootRules: Readonly<Record<string, Rule>> = {
  "Query.me": signedIn,
  "Query.dataSubject": staff,
  "Query.findDataSubjects": staff,
  "Query.matchReviews": hasRole("DPO", "SUPPORT"),
  "Mutation.linkIdentity": hasRole("DPO"),
  "Mutation.unlinkIdentity": hasRole("DPO"),
  "Query.request": signedIn,
  "Query.requests": hasRole("DPO"),
  "SubscriptionRoot.requestProgress": signedIn,
  "Mutation.rectify": signedIn,
  "Mutation.setConsent": signedIn,
  "Mutation.addStatement": signedIn,
  "Mutation.objectToProcessing": signedIn,
  "Mutation.restrictProcessing": signedIn,
  "Mutation.liftRestriction": signedIn,
  "Mutation.requestErasure": signedIn,
  "Mutation.cancelRequest": signedIn,
  "Mutation.requestExport": signedIn,
  "Mutation.withhold": hasRole("DPO"),
  "Mutation.release": hasRole("DPO"),
  "Mutation.registerRequest": hasRole("DPO"),
  "Mutation.establishIdentity": hasRole("DPO"),
  "Mutation.sendIdentityCode": hasRole("DPO"),
  "Mutation.confirmIdentity": allow,
  "Mutation.decideRequest": hasRole("DPO"),
  "Mutation.extendDeadline": hasRole("DPO"),
  "Mutation.retryRequest": hasRole("DPO"),
  "Mutation.confirmStep": hasRole("DPO"),
  "Query.reappearances": hasRole("DPO"),
  "Mutation.settleReappearance": hasRole("DPO"),
  "Query.processingActivities": hasRole("AUDITOR", "DPO"),
  "Query.retentionReview": hasRole("DPO", "AUDITOR"),
  "Mutation.openRetentionReview": hasRole("DPO"),
  "Mutation.approveRetentionReview": hasRole("DPO"),
  "Query.auditIntegrity": hasRole("AUDITOR", "DPO"),
  "Query.statistics": hasRole("MARKETING", "TRAINING", "EVENTS", "AUDITOR"),
  "Query.auditTrail": hasRole("AUDITOR", "DPO"),
  "Query.fieldPolicies": hasRole("AUDITOR", "DPO"),
  "Query._entities": signedIn,
  "Query._service": signedIn,
  "Query.controller": allow,
  "Query.privacyPolicy": allow,
  "Query.disclosures": hasRole("DPO"),
  "Mutation.recordDisclosure": hasRole("DPO"),
  "Mutation.prolongSecrecy": hasRole("DPO"),
  "Query.privacyPolicies": hasRole("AUDITOR", "DPO"),
  "Mutation.publishPrivacyPolicy": hasRole("DPO"),
  "Mutation.agreeToPrivacyPolicy": signedIn,
};

const guardedTypes = ["Query", "Mutation", "SubscriptionRoot", "DataSubject"] as const;

/** Wraps the object-level fields alone: leaves are decided by the operation check, once per operation. */
export function guardObjects(schema: GraphQLSchema, policies: Policies): GraphQLSchema {
  const guard = createPersonGuard(policies);
  const person = decided((parent, context, info) => guard(parent as Subject, context, info));
  const rules: Record<string, Record<string, Rule>> = {};
  for (const name of guardedTypes) {
    const type = schema.getType(name);
    if (!type || !("getFields" in type)) continue;
    rules[name] = Object.fromEntries(
      Object.keys(type.getFields()).map((field) => [
        field,
        name === "DataSubject" ? person : (rootRules[`${name}.${field}`] ?? deny),
      ]),
    );
  }
  return applyMiddleware(schema, onlyFor(schema, rules));
}

/** shield would put its fallback rule on every field of every type; here only the named types are wrapped. */
function onlyFor(schema: GraphQLSchema, rules: Readonly<Record<string, Record<string, Rule>>>) {
  const generator: IMiddlewareGenerator<unknown, GatewayContext, unknown> = shield(rules, {
    fallbackRule: deny,
    allowExternalErrors: true,
  });
  const middleware = generator.generate(schema);
  return Object.fromEntries(Object.entries(middleware).filter(([type]) => Object.hasOwn(rules, type)));
}
