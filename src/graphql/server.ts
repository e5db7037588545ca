import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { GraphQLSchema } from "graphql";
import type { Role } from "../access/vocabulary.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { GatewayContext } from "./context.ts";
import { createErrorFormat, type ReportInternal } from "./errors.ts";
import { documentLimits, limits, maxErrors } from "./limits.ts";
import { createOperationCheck } from "./operation-check.ts";
import { auditLooks, localisedErrors, operationGate } from "./plugins.ts";
import { wholeReads } from "./whole-reads.ts";
import type { Policies } from "./policies.ts";

export interface GraphqlParts {
  readonly schema: GraphQLSchema;
  readonly policies: Policies;
  readonly trail: AuditTrail;
  readonly report: ReportInternal;
  /** In the demo whoever is signed in may introspect; in production AUDITOR and DPO. */
  readonly introspectableBy: ReadonlySet<Role>;
  readonly plugins?: readonly ApolloServerPlugin<GatewayContext>[];
}

const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export async function createGraphql(parts: GraphqlParts): Promise<ApolloServer<GatewayContext>> {
  const mayIntrospect = (roles: ReadonlySet<Role>) =>
    [...roles].some((role) => parts.introspectableBy.has(role));
  const check = createOperationCheck(parts.schema, parts.policies, mayIntrospect);
  const server = new ApolloServer<GatewayContext>({
    schema: parts.schema,
    // Decided per caller by the operation check.
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [documentLimits],
    validationOptions: { maxErrors },
    // Nothing is kept for whoever sends a hash.
    persistedQueries: false,
    stopOnTerminationSignals: false,
    // Its own lines quote documents and what foreign errors say.
    logger: silent,
    formatError: createErrorFormat(parts.report),
    plugins: [
      // Costs more than twice the execution of a list, for a header that no-store makes pointless.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      operationGate(check),
      auditLooks(parts.trail, parts.policies, (error) => parts.report("audit", error)),
      wholeReads,
      localisedErrors,
      {
        async unexpectedErrorProcessingRequest({ error }) {
          parts.report("unexpected", error);
        },
      },
      ...(parts.plugins ?? []),
    ],
  });
  await server.start();
  return server;
}
