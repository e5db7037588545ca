import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from "@apollo/server";
import { HeaderMap } from "@apollo/server";
import type { DocumentNode } from "graphql";
import type { AuditEntry, AuditTrail } from "../audit/trail.ts";
import type { GatewayContext } from "./context.ts";
import { localise } from "./errors.ts";
import { fault, faultText } from "./faults.ts";
import { checkPageSizes, pageSizesOf } from "./limits.ts";
import type { Look, OperationCheck, Verdict } from "./operation-check.ts";

type Listener = GraphQLRequestListener<GatewayContext>;

const verdicts = new WeakMap<GatewayContext, Verdict>();

/** The gate: decides before anything is fetched. Not a validation rule, since validated documents are cached for everybody. */
export function operationGate(check: OperationCheck): ApolloServerPlugin<GatewayContext> {
  const pageSizes = new WeakMap<DocumentNode, ReturnType<typeof pageSizesOf>>();
  const sizesOf = (document: DocumentNode) => {
    const known = pageSizes.get(document) ?? pageSizesOf(document);
    pageSizes.set(document, known);
    return known;
  };
  return {
    async requestDidStart(): Promise<Listener> {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          if (contextValue.signInFault !== null) throw contextValue.signInFault;
          if (operation === undefined) throw fault("BAD_USER_INPUT");
          const variables = request.variables ?? {};
          const verdict = check(document, operation, variables, contextValue.principal);
          verdicts.set(contextValue, verdict);
          if (verdict.refusal !== null) throw verdict.refusal;
          checkPageSizes(sizesOf(document), operation, variables);
        },
      };
    },
  };
}

/** Records every look before its response leaves; a response whose look cannot be recorded is withheld. */
export function auditLooks(trail: AuditTrail, failed: (error: unknown) => void): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart(): Promise<Listener> {
      return {
        async willSendResponse(request) {
          const entries = await entriesOf(request.contextValue);
          if (entries.length === 0) return;
          try {
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

async function entriesOf(context: GatewayContext): Promise<AuditEntry[]> {
  const verdict = verdicts.get(context);
  const looks = verdict?.looks.filter(({ coordinates }) => coordinates.length > 0) ?? [];
  if (verdict === undefined || looks.length === 0) return [];
  const refused = verdict.refusal !== null;
  const subject = refused ? null : await context.self();
  if (!refused && subject === null) return [];
  return looks.map((look) => entryOf(look, context, refused, subject?.id ?? null));
}

function entryOf(look: Look, { principal, requestId }: GatewayContext, refused: boolean, subjectRef: string | null): AuditEntry {
  const roles = [...(principal?.roles ?? [])];
  const { purpose, coordinates, categories, sources } = look;
  return {
    event: refused ? "REFUSED" : "READ",
    actorRole: (look.entry === "own" ? roles.find((role) => role === "SUBJECT") : undefined) ?? roles[0] ?? null,
    subjectRef,
    purpose,
    requestId,
    coordinates,
    categories,
    sources,
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
        body.singleResult.errors = body.singleResult.errors.map((error) => localise(error, language));
      },
    };
  },
};
