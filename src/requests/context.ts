import type { Subject } from "../sources/data-subject.ts";
import type { NoticeContext } from "./notice-graph.ts";
import type { Principal } from "../subjects/principal.ts";
import type { StaffContext } from "../subjects/staff-graph.ts";
import type { RequestsOfCaller } from "./caller.ts";
import type { Disclosures } from "./disclosures.ts";

/** What resolvers of requests need of the operation's context. */
export interface RequestContext extends StaffContext, NoticeContext {
  readonly requests: RequestsOfCaller;
  readonly disclosures: Disclosures;
  /** Null: nobody has signed in. */
  readonly principal: Principal | null;
  /** The caller's own person; null for a caller who is nobody's data subject. */
  readonly self: () => Promise<Subject | null>;
  /** Keyed hash of the caller's name at the issuer; null: nobody has signed in. */
  readonly actorRef: string | null;
  /** The caller's name under a person's key, for the trail; null unless the configuration wants it. */
  readonly sealedName: (subjectRef: string) => Promise<Uint8Array | null>;
  /** Of the HTTP request. */
  readonly requestId: string;
  readonly links: Links;
  /** What the operation has read, of the sources and of the caller, counts no more: it has changed something. */
  readonly forgetReads: () => void;
}

/** Where files are fetched from, with the same token as the interface takes. */
export interface Links {
  download(token: string): string;
  complaint(requestId: string): string;
}
