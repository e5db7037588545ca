import type { Kysely } from "kysely";
import type { Store } from "./store.ts";

/** Columns as the driver gives them. What is `sealed_…` opens with the person's own key alone. */
export interface Tables {
  readonly subject: {
    readonly id: string;
    readonly created_at: Date;
    readonly wrapped_key: Uint8Array | null;
    readonly master_key_id: string | null;
    readonly merged_into: string | null;
  };
  readonly sign_in: { readonly hash: string; readonly subject_id: string };
  readonly identifier: {
    readonly subject_id: string;
    readonly hash: string;
    readonly origin: string;
    readonly source: string;
    readonly kind: string;
    readonly sealed_value: Uint8Array;
    readonly at: Date;
  };
  readonly match_decision: {
    readonly id: string;
    readonly subject_id: string;
    readonly source: string;
    readonly decision: string;
    readonly record_hashes: string[];
    readonly sealed_reason: Uint8Array;
    readonly decided_by: string;
    readonly at: Date;
  };
  readonly match_review: {
    readonly subject_id: string;
    readonly source: string;
    readonly reason: string;
    readonly opened_at: Date;
  };
  readonly consent_event: {
    readonly id: string;
    readonly subject_id: string;
    readonly purpose: string;
    readonly status: string;
    readonly at: Date;
    readonly by_role: string;
    readonly channel: string;
    readonly policy_version: string;
  };
  readonly restriction: {
    readonly id: string;
    readonly subject_id: string;
    readonly sources: string[];
    readonly sealed_reason: Uint8Array;
    readonly since: Date;
    readonly until: Date | null;
    readonly legal_ground: string | null;
  };
}

export type Db = Kysely<Tables>;

/** Outside a transaction, on whatever connection is free. */
export const dbOf = (store: Store): Db => store.em.getKysely<Tables>();

export function inTransaction<T>(store: Store, work: (db: Db) => Promise<T>): Promise<T> {
  return store.em.fork().transactional((em) => work(em.getKysely<Tables>()));
}
