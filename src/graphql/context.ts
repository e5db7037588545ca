import type { GraphQLError } from "graphql";
import type { NoticeContext } from "../requests/notice-graph.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { SubjectContext } from "../subjects/ask.ts";
import type { Principal } from "../subjects/principal.ts";

/** What one operation has at hand. Made anew per request; resolvers see only the part that they name. */
export interface GatewayContext extends SubjectContext, NoticeContext {
  readonly requestId: string;
  /** Null: no token. */
  readonly principal: Principal | null;
  /** Why the caller could not be told from the token, if that is so: nothing is answered then. */
  readonly signInFault: GraphQLError | null;
  /** The caller's own person; looked up once, when first asked for. */
  readonly self: () => Promise<Subject | null>;
}
