import type {
  ApolloServerPlugin,
  GraphQLRequestContextWillSendResponse,
  GraphQLRequestListener,
} from "@apollo/server";
import type { GatewayContext } from "./context.ts";
import { unavailable } from "./errors.ts";
import { SourceUnavailable } from "../sources/loader.ts";

type Response = GraphQLRequestContextWillSendResponse<GatewayContext>;

/**
 * While a person is erased, what is read of them is as it was before or after in each source, never half of it: where an
 * erasure began or ended in one while the operation read, nothing of it is answered. An erasure says that it begins before
 * it changes anything, and this looks after everything has been read.
 */
export const wholeReads: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart(): Promise<GraphQLRequestListener<GatewayContext>> {
    return {
      async willSendResponse(request) {
        const { records, people } = request.contextValue;
        const looked = [...records.lookedFor()];
        const isStale = await Promise.all(
          looked.map(async ([id, before]) => (await people.lastErasure(id)) !== before),
        );
        if (isStale.includes(true)) withdraw(request);
      },
    };
  },
};

function withdraw({ response }: Response): void {
  if (response.body.kind !== "single") return;
  const failure = new SourceUnavailable("gateway", "BEING_ERASED");
  response.body.singleResult = { data: null, errors: [unavailable(failure)] };
}
