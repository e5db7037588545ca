import type { ApolloServerPlugin, BaseContext, GraphQLRequestContextWillSendResponse } from "@apollo/server";
import type { OperationReport } from "./metrics.ts";
import type { OperationNames } from "./operation-names.ts";

/** Error codes are upper-case words of the table in `graphql/` or of Apollo; anything else is not written out. */
const code = /^[A-Z]+(?:_[A-Z]+){0,4}$/;

/** Tells name, duration and error codes of every operation, also of one that was refused before it ran. */
export function operationReporter(names: OperationNames, report: (report: OperationReport) => void): ApolloServerPlugin {
  return {
    async requestDidStart() {
      const start = performance.now();
      return {
        async willSendResponse(context) {
          const codes = codesOf(context);
          report({
            operation: names.admit(context.operationName ?? context.request.operationName, codes.length === 0),
            seconds: (performance.now() - start) / 1000,
            codes,
          });
        },
      };
    },
  };
}

function codesOf({ response }: GraphQLRequestContextWillSendResponse<BaseContext>): string[] {
  const errors = response.body.kind === "single" ? response.body.singleResult.errors : response.body.initialResult.errors;
  const codes = (errors ?? []).map(({ extensions }) => {
    const value = extensions?.["code"];
    return typeof value === "string" && code.test(value) ? value : "OTHER";
  });
  return [...new Set(codes)];
}
