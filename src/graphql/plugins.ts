import type {
  ApolloServerPlugin,
  GraphQLRequestContext,
  GraphQLRequestContextWillSendResponse,
  GraphQLRequestListener,
} from "@apollo/server";
import { HeaderMap } from "@apollo/server";
import type {
  DocumentNode,
  FormattedExecutionResult,
  GraphQLFormattedError,
  GraphQLSchema,
  OperationDefinitionNode,
} from "graphql";
import type { Role } from "../access/vocabulary.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { GatewayContext } from "./context.ts";
import { localise, onlyTheLimit } from "./errors.ts";
import { endpointOf } from "./event-stream.ts";
import { fault, faults, faultText, isFaultCode } from "./faults.ts";
import { type Answered, type Delivered, withAnswered } from "./look-log.ts";
import { actingRole, type Look, type OperationCheck, rolesAs, type Verdict } from "./operation-check.ts";
import type { Policies } from "./policies.ts";
import { checkSizes, type Sizes, sizesOf } from "./sizes.ts";
import { openSource } from "./source-stream.ts";

type Listener = GraphQLRequestListener<GatewayContext>;

const verdicts = new WeakMap<GatewayContext, Verdict>();

/** The gate: decides before anything is fetched. Not a validation rule, since validated documents are cached for everybody. */
export function operationGate(check: OperationCheck): ApolloServerPlugin<GatewayContext> {
  const kept = new WeakMap<OperationDefinitionNode, Sizes>();
  const sizes = (schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) => {
    const known = kept.get(operation) ?? sizesOf(schema, document, operation);
    kept.set(operation, known);
    return known;
  };
  return {
    async requestDidStart(): Promise<Listener> {
      return {
        async didResolveOperation(asked) {
          const { schema, document, operation, request, contextValue } = asked;
          if (contextValue.signInFault !== null) throw contextValue.signInFault;
          if (operation === undefined) throw fault("BAD_USER_INPUT");
          if (!schema.getRootType(operation.operation))
            throw fault("BAD_USER_INPUT", { operation: operation.operation });
          const isEvent = operation.operation === "subscription";
          if (isEvent !== (contextValue.stream !== null))
            throw fault("BAD_USER_INPUT", {
              operation: operation.operation,
              endpoint: endpointOf(operation),
            });
          const variables = request.variables ?? {};
          const { principal, statedPurpose } = contextValue;
          const verdict = check(document, operation, variables, principal, statedPurpose);
          verdicts.set(contextValue, verdict);
          if (verdict.refusal !== null) throw verdict.refusal;
          checkSizes(sizes(schema, document, operation), operation, variables);
          await openSource(asked);
        },
      };
    },
  };
}

/** Records every look before its response leaves; a response whose look cannot be recorded is withheld. */
export function auditLooks(
  trail: AuditTrail,
  policies: Policies,
  failed: (error: unknown) => void,
): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart(): Promise<Listener> {
      return {
        async willSendResponse(request) {
          try {
            const entries = await entriesOf(request, policies);
            await Promise.all(entries.map((entry) => trail.record(entry)));
          } catch (error) {
            failed(error);
            withhold(request);
          }
        },
      };
    },
  };
}

type Response = GraphQLRequestContextWillSendResponse<GatewayContext>;

async function entriesOf(
  { response: { body }, contextValue: context }: Response,
  policies: Policies,
): Promise<AuditEntry[]> {
  const verdict = verdicts.get(context);
  if (verdict === undefined) return [];
  const looks = verdict.looks.filter(({ coordinates }) => coordinates.length > 0);
  if (verdict.refusal !== null) {
    return looks.map((look) => ({
      ...about(look, context, null),
      actorRole: roleOf(look, context, policies),
      event: "REFUSED",
    }));
  }
  // Without `data` no resolver has run: a page was too large, or a variable of the wrong type.
  if (body.kind !== "single" || body.singleResult.data === undefined) return [];
  const answered: Answered = (viewer, subjectId) => context.records.answered(viewer, subjectId);
  const own = looks.filter((look) => look.as === "own" && look.notedApart !== true);
  const self = own.length > 0 ? await context.self() : null;
  return [
    ...(self
      ? own.map((look) => ({
          ...about(withAnswered(look, answered, self.viewer, self.id), context, self.id),
          actorRole: roleOf(look, context, policies),
          event: "READ" as const,
        }))
      : []),
    ...(await Promise.all(
      context.looks
        .looks(policies, deliveredIn(body.singleResult), answered)
        .map(async ({ event, actorRole, subjectId, ...look }) => ({
          ...about(look, context, subjectId),
          actorRole,
          event,
          // The person is told of what was read, and of nothing else.
          actorName:
            event === "READ" && look.as === "staff" && subjectId !== null
              ? await context.sealedName(subjectId)
              : null,
        })),
    )),
  ];
}

/** A place is empty because of an error where the error stands at it, below it, or has emptied what is around it. */
function deliveredIn({ data, errors = [] }: FormattedExecutionResult): Delivered {
  return (path) => {
    let value: unknown = data;
    for (const step of path) {
      if (value === null || value === undefined) return false;
      value = (value as Record<string | number, unknown>)[step];
    }
    const lost = errors.some((error) => path.every((step, i) => error.path?.[i] === step));
    return !(lost && (value === null || value === undefined));
  };
}

function about(
  { as, purpose, coordinates, categories, sources }: Look,
  { requestId, actorRef }: GatewayContext,
  subjectRef: string | null,
): Omit<AuditEntry, "event" | "actorRole"> {
  return {
    subjectRef,
    actorRef: as === "staff" ? actorRef : null,
    actorName: null,
    purpose,
    requestId,
    coordinates,
    categories,
    sources,
    detail: null,
  };
}

/** Of a refused look, any role that the caller has. */
function roleOf(
  { as, purpose, coordinates }: Look,
  { principal }: GatewayContext,
  policies: Policies,
): Role | null {
  if (principal === null) return null;
  const roles = rolesAs(as, principal);
  return actingRole({ roles, purpose }, coordinates, policies) ?? [...principal.roles][0] ?? null;
}

function withhold({ response, contextValue }: GraphQLRequestContext<GatewayContext>): void {
  response.body = {
    kind: "single",
    singleResult: {
      errors: [
        {
          message: faultText("INTERNAL", contextValue.language),
          extensions: { code: "INTERNAL", reference: contextValue.requestId },
        },
      ],
    },
  };
  response.http = { ...response.http, status: 503, headers: response.http?.headers ?? new HeaderMap() };
}

/** Messages of the table in the language that the caller asked for. */
export const localisedErrors: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart(): Promise<Listener> {
    return {
      async willSendResponse({ response, contextValue: { language, lacks } }) {
        const { body } = response;
        if (body.kind !== "single") return;
        const { singleResult } = body;
        const errors = onlyTheLimit([...(singleResult.errors ?? []), ...lacks]);
        if (errors.length === 0) return;
        singleResult.errors = errors.map((error) => localise(error, language));
        if (singleResult.data !== null) return;
        response.http.status = errors.map(statusOf).find((status) => status !== 200) ?? 200;
        const wait = Math.max(...errors.map(secondsToWait));
        if (wait > 0) response.http.headers.set("retry-after", String(wait));
      },
    };
  },
};

/** Of a response whose only field failed. */
function statusOf({ extensions }: GraphQLFormattedError): number {
  const code = extensions?.["code"];
  return isFaultCode(code) ? faults[code].status : 500;
}

function secondsToWait({ extensions }: GraphQLFormattedError): number {
  const seconds = extensions?.["retryAfterSeconds"];
  return typeof seconds === "number" ? seconds : 0;
}
