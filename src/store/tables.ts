import type { Generated, Kysely } from "kysely";
import type { Store } from "./store.ts";

/** Columns as the driver gives them. What is `sealed_…` opens with the person's own key alone. */
export interface Tables {
  readonly subject: {
    readonly id: string;
    readonly created_at: Date;
    readonly merged_into: string | null;
    /** When everything that was sealed for the person was made unreadable, the last time. */
    readonly forgotten_at: Generated<Date | null>;
  };
  /** No row: the key is destroyed. */
  readonly "keys.person_key": {
    readonly subject_id: string;
    readonly wrapped_key: Uint8Array;
    readonly master_key_id: string;
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
    /** The one record that it leads to; null: whichever it finds. */
    readonly record_hash: string | null;
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
    readonly wording: string | null;
    readonly language: string | null;
    readonly request_id: string | null;
  };
  readonly restriction: {
    readonly id: string;
    readonly subject_id: string;
    readonly sources: string[];
    readonly sealed_reason: Uint8Array;
    readonly since: Date;
    readonly until: Date | null;
    readonly legal_ground: string | null;
    readonly request_id: string | null;
  };
  readonly objection: {
    readonly id: string;
    readonly subject_id: string;
    readonly request_id: string;
    readonly purpose: string;
    readonly sealed_reason: Uint8Array | null;
    readonly at: Date;
    /** Null: it is in force. */
    readonly ended_at: Date | null;
  };
  readonly request: {
    readonly id: string;
    readonly subject_id: string;
    readonly kind: string;
    readonly status: string;
    readonly channel: string;
    readonly received_at: Date;
    readonly due_at: Date;
    readonly completed_at: Date | null;
    readonly purpose: string | null;
    readonly sealed_reason: Uint8Array | null;
    /** Keyed hash of what is asked for: the same again is known by it. */
    readonly digest: string | null;
    /** BCP 47: what the person is written to in. */
    readonly language: string;
    readonly refusal_code: string | null;
    readonly sealed_refusal: Uint8Array | null;
    readonly refusal_ground: string | null;
    /** Nothing is done before; null: at once. */
    readonly starts_at: Date | null;
    /** A compact JWS. */
    readonly receipt: string | null;
  };
  readonly erasure: {
    readonly request_id: string;
    /** Null: all of them, and what the gateway itself keeps of the person. */
    readonly sources: string[] | null;
    /** The day on which it is judged what the law keeps. */
    readonly as_of: string;
    readonly finished_at: Date | null;
  };
  /** Erasures that were carried out after the backup that this database was restored from, and are to be once more. */
  readonly erasure_replay: {
    /** Of the request that was carried out then. */
    readonly request_id: string;
    readonly subject_id: string;
    /** Null: all of them. */
    readonly sources: string[] | null;
    readonly erased_at: Date;
    /** The request that carries it out again; null: it is not open yet. */
    readonly opened_as: string | null;
  };
  readonly erasure_source: {
    readonly id: string;
    readonly request_id: string;
    readonly source: string;
    /** Whose data it is, as the source said before anything was erased; null: it had no record. */
    readonly sealed_record: Uint8Array | null;
    readonly record_hash: string | null;
    /** Rows of each record type before anything was erased. */
    readonly tally: Record<string, number> | null;
    /** Keyed hash of what the law keeps, as it was. */
    readonly kept_digest: string | null;
    /** From here on nobody reads what the source holds of the person, until it has ended. */
    readonly begun_at: Date | null;
    readonly ended_at: Date | null;
  };
  readonly retained: {
    readonly id: string;
    readonly request_id: string;
    readonly source: string;
    readonly record_type: string;
    readonly count: number;
    readonly until: string;
    /** As in `legalGrounds`. */
    readonly ground: string;
    readonly since: Generated<Date>;
    readonly ended_at: Date | null;
  };
  readonly request_step: {
    readonly id: string;
    readonly request_id: string;
    /** Steps of one position run together, after all of the positions before it. */
    readonly position: number;
    readonly place: Generated<number>;
    /** As in `NewStep.lane`; null: absent. */
    readonly lane: string | null;
    readonly source: string;
    readonly action: string;
    readonly record_type: string | null;
    readonly field: string | null;
    readonly sealed_work: Uint8Array | null;
    readonly state: string;
    /** How often it has been queued: a job of an earlier turn does nothing. */
    readonly turn: Generated<number>;
    readonly attempts: Generated<number>;
    /** Null: not queued yet, or never again. */
    readonly next_attempt_at: Date | null;
    readonly last_error: string | null;
    readonly result: string | null;
    readonly count: number | null;
    readonly retained_until: string | null;
    readonly legal_ground: string | null;
    readonly detail: string | null;
    /** What the detail is about: places of the system, no value of a person. */
    readonly about: string | null;
    readonly finished_at: Date | null;
  };
  readonly request_event: {
    readonly id: Generated<string>;
    readonly request_id: string;
    readonly at: Date;
    readonly by_role: string | null;
    readonly event: string;
    readonly detail: string | null;
    readonly sealed_note: Uint8Array | null;
  };
  readonly identity_code: {
    readonly id: string;
    readonly request_id: string;
    /** Which has the address. */
    readonly source: string;
    /** Keyed hash of the code. */
    readonly code_hash: string;
    /** Null: the code has ended, or the person has been forgotten. */
    readonly sealed_address: Uint8Array | null;
    readonly made_at: Date;
    readonly expires_at: Date;
    readonly tries: Generated<number>;
    /** Used, replaced, or not needed any more; null: it counts until it expires. */
    readonly ended_at: Date | null;
  };
  readonly statement: {
    readonly id: string;
    readonly subject_id: string;
    readonly request_id: string;
    readonly source: string;
    readonly record_type: string;
    readonly sealed_record: Uint8Array | null;
    readonly sealed_text: Uint8Array;
    readonly at: Date;
  };
  /** What of a person's data they are not shown, since it is about somebody else. */
  readonly withheld: {
    readonly id: string;
    readonly subject_id: string;
    readonly request_id: string;
    readonly source: string;
    readonly record_type: string;
    readonly field: string;
    /** Keyed hash of the whole text. */
    readonly text_hash: string;
    /** JSON: `Passage[]`. */
    readonly sealed_passages: Uint8Array;
    readonly sealed_because: Uint8Array;
    readonly at: Date;
  };
  readonly suppressed_identifier: {
    /** As in `identifier`. */
    readonly hash: string;
    /** Empty: every source. */
    readonly source: string;
    /** Who was erased. */
    readonly subject_id: string;
    readonly request_id: string | null;
    readonly at: Date;
    /** Null: it is in force. */
    readonly lifted_at: Date | null;
  };
  readonly reappearance: {
    readonly id: string;
    /** Who was erased, and is named by the record. */
    readonly subject_id: string;
    readonly source: string;
    readonly record_hash: string;
    /** The record's key and identifiers; null: the person was forgotten anew, and it has not been seen since. */
    readonly sealed_record: Uint8Array | null;
    readonly seen_at: Date;
    readonly decided_at: Date | null;
    readonly decision: string | null;
    readonly sealed_reason: Uint8Array | null;
    /** The erasure that came of it. */
    readonly request_id: string | null;
  };
  /** What a person takes along. What is `encrypted_…` opens with the key in `sealed_key`. */
  readonly export: {
    /** The request's. */
    readonly id: string;
    readonly format: string;
    /** Null: what it opens is gone. */
    readonly sealed_key: Uint8Array | null;
    /** Null: there is none yet, or not any more. */
    readonly archive_id: string | null;
    /** Counts up when what has been read is to be read anew: what is at work on it by then does not put it down. */
    readonly edition: Generated<number>;
    /** Whether everything that was to be read is in the archive. */
    readonly is_whole: Generated<boolean>;
    /** Bytes, as text. */
    readonly size: string | null;
    readonly sha256: string | null;
    readonly token_hash: string | null;
    readonly sealed_token: Uint8Array | null;
    readonly made_at: Date | null;
    readonly expires_at: Date | null;
    /** Bytes of the archive that have been sent. */
    readonly served: Generated<string>;
    /** Another part of it is to be withheld than when it was read. */
    readonly gather_anew: Generated<boolean>;
  };
  /** How far a record type has been read. */
  readonly export_reading: {
    readonly export_id: string;
    readonly source: string;
    readonly record_type: string;
    /** Null: at the start. */
    readonly encrypted_position: Uint8Array | null;
    readonly parts: Generated<number>;
    readonly rows: Generated<string>;
    readonly is_done: Generated<boolean>;
  };
  readonly export_part: {
    readonly export_id: string;
    readonly source: string;
    readonly record_type: string;
    readonly n: number;
    readonly encrypted_rows: Uint8Array;
  };
  readonly export_chunk: {
    readonly archive_id: string;
    readonly n: number;
    readonly export_id: string;
    readonly encrypted: Uint8Array;
  };
  /** Anonymous counts: what is shown of them, and nothing else. */
  readonly statistics: {
    readonly dimension: string;
    readonly source: string;
    /** By which it was decided what may be shown. */
    readonly minimum_group_size: number;
    /** What may be shown, as JSON. */
    readonly groups: unknown;
    readonly made_at: Date;
  };
  /** Where the search of a source for erased persons is to go on. */
  readonly suppression_scan: { readonly source: string; readonly cursor: Uint8Array };
  /** The last day (ISO 8601) on which the DPO was told how many requests are open. */
  readonly daily_message: { readonly day: string };
  /** What has been published, in its order. */
  readonly privacy_policy: {
    readonly version: string;
    readonly place: Generated<number>;
    readonly published_at: Date;
    readonly text: string;
    /** BCP 47. */
    readonly language: string;
    readonly changes: string | null;
    readonly requires_consent: boolean;
    /** Whether persons are told of it by e-mail. */
    readonly is_told: boolean;
  };
  /** What persons have said to a version; the latest counts. */
  readonly policy_answer: {
    readonly id: string;
    readonly subject_id: string;
    readonly version: string;
    readonly agreed: boolean;
    readonly at: Date;
  };
  /** How far persons have been gone through who are to be told of a version. */
  readonly policy_telling: {
    readonly version: string;
    /** The last of them; null: none yet. */
    readonly told_through: string | null;
    readonly is_through: Generated<boolean>;
  };
  readonly policy_notice: {
    /** Of the message. */
    readonly id: Generated<string>;
    readonly version: string;
    readonly subject_id: string;
    readonly state: string;
    readonly attempts: Generated<number>;
    readonly next_attempt_at: Date;
    readonly told_at: Date | null;
  };
  /** What was handed over to an authority. */
  readonly disclosure: {
    readonly id: string;
    readonly subject_id: string;
    readonly sealed_authority: Uint8Array;
    readonly sealed_legal_ground: Uint8Array;
    readonly categories: string[];
    /** The last day (ISO 8601) of Norway on which the person is not to know of it; null: there is none. */
    readonly secret_until: string | null;
    readonly at: Date;
  };
  /** That the secrecy of a disclosure lasts longer than was ordered at first. */
  readonly prolonged_secrecy: {
    readonly disclosure_id: string;
    /** ISO 8601. */
    readonly secret_until: string;
    readonly at: Date;
  };
  /** A look at what has no purpose left, and what becomes of it. */
  readonly retention_review: {
    readonly id: string;
    readonly opened_at: Generated<Date>;
    /** The day on which it is judged what is over. */
    readonly as_of: string;
    readonly status: string;
    /** How often it has been queued: a job of an earlier turn does nothing. */
    readonly turn: Generated<number>;
    readonly counted_at: Date | null;
    readonly approved_at: Date | null;
    /** Null: it is open, and no other is. */
    readonly ended_at: Date | null;
  };
  /** What a review has found of one record type. Counts are text: more than a number may be sure of. */
  readonly retention_review_item: {
    readonly id: string;
    readonly review_id: string;
    /** In which order they go: what hangs on another before it. */
    readonly place: number;
    readonly source: string;
    readonly record_type: string;
    /** Only these fields of the rows; null: the rows. */
    readonly fields: string[] | null;
    readonly rule: string;
    readonly action: string;
    readonly count: string;
    readonly held: string;
    readonly undated: string;
    readonly set_aside: string;
    readonly state: string;
    readonly reason: string | null;
    readonly attempts: Generated<number>;
    readonly next_attempt_at: Date | null;
    /** Whose traces are to go with the records that are going. */
    readonly sealed_batch: Uint8Array | null;
    /** What was over when it was begun to carry it out, whoever is to be left alone; null: that has not been. */
    readonly over_before: string | null;
    /** What has gone since; null: it has not ended. */
    readonly gone: string | null;
    /** What should have gone, and has not; null: it has not been looked at yet. */
    readonly remaining: string | null;
  };
  /** The last day (ISO 8601) of the year's review that has been seen to. */
  readonly retention_review_schedule: { readonly day: string };
  readonly withdrawals_seen: { readonly source: string; readonly until: Date };
}

export type Db = Kysely<Tables>;

/**
 * Outside of any transaction, on whatever connection is free: also where the caller is within one. MikroORM's own way
 * to one would take the transaction that the asynchronous context is in, which may have ended, or be somebody else's.
 */
export const dbOf = (store: Store): Db => store.em.getConnection().getClient<Tables>();

/** `work` and all that it does with its argument stands, or nothing of it. */
export function inTransaction<T>(store: Store, work: (db: Db) => Promise<T>): Promise<T> {
  return dbOf(store).transaction().execute(work);
}

/** A column that opens with the person's key alone. */
export type SealedColumn = readonly [table: keyof Tables & string, column: `sealed_${string}`];

/** What a value is bound to besides its person: it does not open in another column's place. */
export const sealedColumn = (...[table, column]: SealedColumn): string => `${table}.${column}`;
