import type { ApolloServerPlugin, BaseContext, GraphQLRequestContextWillSendResponse } from "@apollo/server";
import type { OperationReport } from "./metrics.ts";
import type { OperationNames } from "./operation-names.ts";

/** Error codes are upper-case words of the table in `graphql/` or of Apollo; anything else is not written out. */
const code = /^[A-Z]+(?:_[A-Z]+){0,4}$/;

/** As much of the gateway's context as is asked here: whether the caller is known. */
export interface Caller extends BaseContext {
  readonly principal: object | null;
}

/** Tells name, duration and error codes of every operation, also of one that was refused before it ran. */
export function operationReporter(
  names: OperationNames,
  report: (report: OperationReport) => void,
): ApolloServerPlugin<Caller> {
  return {
    async requestDidStart() {
      const start = performance.now();
      return {
        async willSendResponse(context) {
          const { contextValue, operation, operationName, response } = context;
          const accepted = contextValue.principal !== null && answered(response);
          report({
            operation: operation === undefined ? "invalid" : names.admit(operationName, accepted),
            seconds: (performance.now() - start) / 1000,
            codes: codesOf(response),
          });
        },
      };
    },
  };
}

type Response = GraphQLRequestContextWillSendResponse<BaseContext>["response"];

const resultOf = ({ body }: Response) => (body.kind === "single" ? body.singleResult : body.initialResult);

/** It was carried out; a part of the answer may be missing. */
function answered(response: Response): boolean {
  const { data } = resultOf(response);
  return data !== null && data !== undefined;
}

function codesOf(response: Response): string[] {
  const codes = (resultOf(response).errors ?? []).map(({ extensions }) => {
    const value = extensions?.["code"];
    return typeof value === "string" && code.test(value) ? value : "OTHER";
  });
  return [...new Set(codes)];
}
