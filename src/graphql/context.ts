import type { GraphQLError, GraphQLFormattedError } from "graphql";
import type { ProcessingContext } from "../records/activities-graph.ts";
import type { NoticeContext } from "../requests/notice-graph.ts";
import type { RequestContext } from "../requests/context.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { AccessLogContext } from "../subjects/access-log-graph.ts";
import type { SubjectContext } from "../subjects/ask.ts";
import type { DecisionContext } from "../subjects/decisions-graph.ts";
import type { ReviewContext } from "../subjects/reviews-graph.ts";
import type { StaffContext } from "../subjects/staff-graph.ts";
import type { StatisticsContext } from "../subjects/statistics-graph.ts";
import type { AuditContext } from "./audit-graph.ts";
import type { AuditTrailContext } from "./audit-trail-graph.ts";
import type { EventStream } from "./event-stream.ts";
import type { FieldPolicyContext } from "./field-policies-graph.ts";
import type { LookLog } from "./look-log.ts";
import type { Principal } from "../subjects/principal.ts";

/** What one operation has at hand. Made anew per request; resolvers see only the part that they name. */
export interface GatewayContext
  extends
    SubjectContext,
    NoticeContext,
    StaffContext,
    ReviewContext,
    DecisionContext,
    AccessLogContext,
    StatisticsContext,
    RequestContext,
    AuditContext,
    ProcessingContext,
    AuditTrailContext,
    FieldPolicyContext {
  readonly requestId: string;
  /** Null: no token. */
  readonly principal: Principal | null;
  /** The request's header `purposeHeader`, as it came; null: none. */
  readonly statedPurpose: string | null;
  /** Why the caller could not be told from the token, if that is so: nothing is answered then. */
  readonly signInFault: GraphQLError | null;
  /** The caller's own person; looked up when first asked for, and again once something has changed. */
  readonly self: () => Promise<Subject | null>;
  /** Keyed hash of the caller's name at the issuer; null: nobody has signed in. */
  readonly actorRef: string | null;
  /** The caller's name under a person's key, for the trail; null unless the configuration wants it. */
  readonly sealedName: (subjectRef: string) => Promise<Uint8Array | null>;
  readonly looks: LookLog;
  /** For the metrics: whether a representation has led to a person. */
  readonly countEntity: (outcome: "found" | "none") => void;
  /** Null: the operation is answered once, and is no event of a stream. */
  readonly stream: EventStream | null;
  /** What the answer lacks without being an error of a field. */
  readonly lacks: readonly GraphQLFormattedError[];
}
