import type {
  ApolloServerPlugin,
  GraphQLRequestContext,
  GraphQLRequestContextWillSendResponse,
  GraphQLRequestListener,
} from "@apollo/server";
import { HeaderMap } from "@apollo/server";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import type { AuditEntry, AuditEvent } from "../audit/entry.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { GatewayContext } from "./context.ts";
import { localise, onlyTheLimit } from "./errors.ts";
import { fault, faultText } from "./faults.ts";
import { checkPageSizes, pageSizesOf } from "./limits.ts";
import type { Look, OperationCheck, Verdict } from "./operation-check.ts";

type Listener = GraphQLRequestListener<GatewayContext>;

const verdicts = new WeakMap<GatewayContext, Verdict>();

/** The gate: decides before anything is fetched. Not a validation rule, since validated documents are cached for everybody. */
export function operationGate(check: OperationCheck): ApolloServerPlugin<GatewayContext> {
  const pageSizes = new WeakMap<OperationDefinitionNode, ReturnType<typeof pageSizesOf>>();
  const sizesOf = (document: DocumentNode, operation: OperationDefinitionNode) => {
    const known = pageSizes.get(operation) ?? pageSizesOf(document, operation);
    pageSizes.set(operation, known);
    return known;
  };
  return {
    async requestDidStart(): Promise<Listener> {
      return {
        async didResolveOperation({ schema, document, operation, request, contextValue }) {
          if (contextValue.signInFault !== null) throw contextValue.signInFault;
          if (operation === undefined) throw fault("BAD_USER_INPUT");
          if (!schema.getRootType(operation.operation))
            throw fault("BAD_USER_INPUT", { operation: operation.operation });
          const variables = request.variables ?? {};
          const verdict = check(document, operation, variables, contextValue.principal);
          verdicts.set(contextValue, verdict);
          if (verdict.refusal !== null) throw verdict.refusal;
          checkPageSizes(sizesOf(document, operation), operation, variables);
        },
      };
    },
  };
}

/** Records every look before its response leaves; a response whose look cannot be recorded is withheld. */
export function auditLooks(
  trail: AuditTrail,
  failed: (error: unknown) => void,
): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart(): Promise<Listener> {
      return {
        async willSendResponse(request) {
          try {
            const entries = await entriesOf(request);
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

async function entriesOf({ response: { body }, contextValue: context }: Response): Promise<AuditEntry[]> {
  const verdict = verdicts.get(context);
  const looks = verdict?.looks.filter(({ coordinates }) => coordinates.length > 0) ?? [];
  if (verdict === undefined || looks.length === 0) return [];
  if (verdict.refusal !== null) return looks.map((look) => entryOf(look, context, "REFUSED", null));
  // Without `data` no resolver has run: a page was too large, or a variable of the wrong type.
  if (body.kind === "single" && body.singleResult.data === undefined) return [];
  const subject = await context.self();
  return subject === null ? [] : looks.map((look) => entryOf(look, context, "READ", subject.id));
}

function entryOf(
  look: Look,
  { principal, requestId }: GatewayContext,
  event: AuditEvent,
  subjectRef: string | null,
): AuditEntry {
  const roles = [...(principal?.roles ?? [])];
  const { purpose, coordinates, categories, sources } = look;
  return {
    event,
    actorRole: roles.find((role) => (role === "SUBJECT") === (look.entry === "own")) ?? roles[0] ?? null,
    actorRef: null,
    actorName: null,
    subjectRef,
    purpose,
    requestId,
    coordinates,
    categories,
    sources,
    detail: null,
  };
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
      async willSendResponse({ response: { body }, contextValue: { language } }) {
        if (body.kind !== "single" || body.singleResult.errors === undefined) return;
        const errors = onlyTheLimit(body.singleResult.errors);
        body.singleResult.errors = errors.map((error) => localise(error, language));
      },
    };
  },
};
