import type { IdentifierKind } from "../../access/vocabulary.ts";
import type { OfRecord, Whose } from "../../sources/erasures.ts";
import type { ErasureManner } from "../../sources/writes.ts";
import type { Call } from "./call.ts";

/** How an API is made to forget a person (GDPR Art. 17). */
export interface RestErasures<Collection extends string> {
  /** Every collection of the record (one inside another goes with it) and the record itself: dependants first. */
  readonly types: readonly ErasedType<Collection>[];
  /** How all records are gone through: whoever was erased and reappears is found so. */
  readonly listing: Listing;
}

/** A collection, `record` (the record itself) or `traces` (what names the person beside it). */
type RecordType<Collection extends string> = Collection | "record" | "traces";

export interface ErasedType<Collection extends string = string> {
  readonly recordType: RecordType<Collection>;
  readonly manner: ErasureManner;
  /** What makes the rows go. Absent: nothing does, and a person who has some is told so. */
  readonly by?: ErasingWay<Collection>;
  /** Where else something is left, also when the record is gone. `traces` are nothing but places. */
  readonly places?: readonly Place<Collection>[];
  /** Of `record`, where the system keeps an emptied one: whether it is empty. Absent: it must be gone. */
  readonly isErased?: (record: unknown) => boolean;
  /** Of `record`, where the law keeps it: takes out what is not part of what is kept. Absent: cannot be had. */
  readonly reduced?: { readonly call: Call<Erased>; readonly isReduced: (record: unknown) => boolean };
}

/** What the body of an erasing call is made of; `record` is its JSON, undefined once it is gone. */
export interface Erased extends OfRecord {
  readonly record: unknown;
}

export type ErasingWay<Collection extends string = string> =
  ErasingCall<Collection> | ErasingRows | ErasingJob<Collection>;

interface TakesMore<Collection extends string> {
  /** Record types that go along: while one of them has rows that the law keeps, the call is not made. */
  readonly alsoTakes?: readonly RecordType<Collection>[];
  /**
   * What does the same, before it answers, of what names somebody of whom there is no record. Absent: nothing does, and what
   * there is is for staff.
   */
  readonly withoutRecord?: Call<Pick<Whose, "identifiers">>;
}

/** One call for everything; made again while less is left each time. */
export interface ErasingCall<Collection extends string = string> extends TakesMore<Collection> {
  readonly call: Call<Erased>;
}

/** One call for each row of a paged collection: `{row}` in the path is its key. Kept rows are spared. */
export interface ErasingRows {
  readonly eachRow: Call<Erased>;
}

/** A call that is only taken on, and done later. */
export interface ErasingJob<Collection extends string = string> extends TakesMore<Collection> {
  readonly job: {
    readonly start: Call<Erased>;
    /** Where the answer to `start` has the key of the job. */
    readonly key: string;
    readonly status: JobStatus;
    /** Jobs of the record, newest first. One that runs is waited for, whoever started it. */
    readonly find: JobSearch;
    /** Seconds until the status is asked for, where the system does not say (`Retry-After`). */
    readonly askAgainAfter: number;
  };
}

/** `{job}` in the path is the key of the job. Any other state is a malformed answer. */
export interface JobStatus {
  readonly path: string;
  readonly state: string;
  readonly running: readonly string[];
  readonly done: readonly string[];
  readonly failed: readonly string[];
}

export interface JobSearch {
  readonly path: string;
  /** `{key}` is the record's key. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly results: string;
  readonly key: string;
  /** Where a job says the idempotency key that it was started with: an end without effect is told from an older job's. */
  readonly reference?: string;
}

/** An endpoint that says how much is left, in one answer or several members of it. */
export interface Place<Collection extends string = string> {
  /** `{key}` is the record's key. */
  readonly path: string;
  /**
   * Query parameters for what names the person, all in one request; one with several values is repeated. Of whom there is no
   * record is asked for by the identifiers alone.
   */
  readonly asks?: { readonly [name in "key" | IdentifierKind]?: string };
  /** Where the answer has each count, or a list whose length it is; named as staff are told. */
  readonly counts: Readonly<Record<string, string>>;
  /** What empties it. Absent: what makes the rows themselves go. */
  readonly by?: ErasingWay<Collection>;
  /** It answers nobody who does not name a record: where there is none, it is not asked. */
  readonly needsKey?: true;
  /** The canary has nothing here. Otherwise an answer is believed only of a system that shows what the canary has. */
  readonly canary?: "HAS_NOTHING";
}

/** By position (keyset), where deletions meanwhile move nobody; or by number of page. */
export type Listing = {
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly results: string;
  readonly size: string;
  readonly limit: number;
  /** Where the answer says how many there are. */
  readonly total: string;
} & (
  | {
      /** Takes the key of the last record of the page before; `write` makes a filter of it, quoted as `find` quotes. */
      readonly after: { readonly parameter: string; readonly write?: (quoted: string) => string };
    }
  | { readonly page: string }
);
