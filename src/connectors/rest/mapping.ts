import type { DataCategory, IdentifierKind, StatisticsDimension } from "../../access/vocabulary.ts";
import type { Canary, CollectionFields, ReadAs } from "../mapping.ts";
import type { FieldWriting } from "../writing.ts";
import type { Call } from "./call.ts";
import type { RestErasures } from "./erasure-mapping.ts";

/** How a system with an HTTP API holds a source's records. Paths into JSON are dotted: `data.results`. */
export interface RestMapping<Fields extends string, Collections extends CollectionFields> {
  readonly connector: "rest";
  readonly baseUrl: string;
  readonly authentication: Authentication;
  /** Tells an answer that came with status 2xx but says that it failed. */
  readonly success?: { readonly failedIf: readonly { readonly path: string; readonly equals?: unknown }[] };
  /** Statuses that mean that there is nothing, where the system has them (404 for an empty list). */
  readonly emptyStatuses?: readonly number[];
  /** This system sends null as `false` (or as an empty string). */
  readonly nullAs?: readonly (false | "")[];
  readonly find: FindEndpoint;
  /** The record by its key (`{key}` in the path): asked again for lists that are embedded in it, and around a write. */
  readonly record?: RecordEndpoint;
  readonly person: {
    readonly key: string;
    readonly identifiers: readonly { readonly kind: IdentifierKind; readonly path: string }[];
    readonly fields: { readonly [F in Fields]: JsonPath | null };
    readonly other?: readonly {
      readonly name: string;
      readonly path: JsonPath;
      readonly category: DataCategory;
    }[];
    /** Members of the record that hold nothing of the person, each with the reason. */
    readonly notPersonal?: Readonly<Record<string, string>>;
    /** A moment. */
    readonly updatedAt?: JsonPath;
  };
  readonly collections: {
    readonly [C in keyof Collections]:
      EmbeddedList<Collections[C]> | ListEndpoint<Collections[C]> | PagedEndpoint<Collections[C]>;
  };
  readonly canary: Canary;
  /** What the gateway may write; `record` must be mapped then. Absent: nothing. */
  readonly writes?: RestWrites<Fields, Extract<keyof Collections, string>>;
  /** How the system counts persons without sending them; `find` must be paged then. Absent: it does not. */
  readonly counts?: { readonly [D in StatisticsDimension]?: RestCounting };
  /** How the system is made to forget a person; `record` must be mapped then. Absent: it is not. */
  readonly erasures?: RestErasures<Exclude<Extract<keyof Collections, string>, `${string}.${string}`>>;
}

export interface RestCounting {
  /** What lists all groups in one answer, and says how many there are. */
  readonly groups: {
    readonly path: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly results: string;
    readonly total: string;
    readonly key: string;
    readonly name: string;
  };
  /** The filter of the `find` endpoint for the records in a group, of these keys alone unless null; all quoted. Whom the system has restricted it leaves out. */
  readonly persons: (group: string, keys: readonly string[] | null) => string;
}

export interface RecordEndpoint {
  readonly path: string;
  readonly result: string;
  /** Statuses that mean that there is no such record; 404 is one anyway. */
  readonly absentStatuses?: readonly number[];
}

export interface RestWrites<Fields extends string, Collection extends string = string> {
  /** Fields that can be corrected. The call's body is made of the value in the form that the system writes. */
  readonly fields?: { readonly [F in Fields]?: FieldWriting & { readonly call: Call<string> } };
  /** Collections whose rows repeat fields of the record as they were, and are not rewritten. */
  readonly snapshots?: readonly { readonly collection: Collection; readonly repeats: readonly Fields[] }[];
  /** Stops writing to the person, and starts again. */
  readonly suppression?: Switch;
  /** Marks the record as restricted (GDPR Art. 18). `isOn` is asked of records as `erasures.listing` sends them, too. */
  readonly restriction?: Switch;
  /** Whom the system has stopped writing to of its own accord; `suppression.isOn` says who of those found it is. */
  readonly withdrawals?: Withdrawals;
  /** Header that takes the key under which the system carries a call out once. */
  readonly idempotencyHeader?: string;
}

/** Something of a record that is so or not. `record` is its JSON, at `record.result`. */
export interface Switch {
  readonly isOn: (record: unknown) => boolean;
  readonly on: Call<unknown>;
  readonly off: Call<unknown>;
  /** Whether somebody else's decision stands against turning it off. */
  readonly staysOn?: (record: unknown) => boolean;
}

export interface Withdrawals {
  /** The filter of the `find` endpoint for records that may have changed since a moment (RFC 3339, UTC), quoted. */
  readonly since: (quoted: string) => string;
  /** When the system noted it, of a record that is suppressed. */
  readonly at: (record: unknown) => string | null;
}

export type Authentication =
  | { readonly scheme: "basic"; readonly user: string; readonly password: string }
  | { readonly scheme: "bearer"; readonly token: string }
  | { readonly scheme: "header"; readonly name: string; readonly value: string };

/** A path, or with how to read it and the system's words for the contract's. */
export type JsonPath =
  | string
  | {
      readonly path: string;
      readonly as?: ReadAs;
      readonly values?: Readonly<Record<string, string>>;
      /** The member says this only while another member of the same object has this value; else null. */
      readonly when?: { readonly path: string; readonly equals: string | number | boolean };
      /** The system leaves the member out where it holds nothing. Otherwise a missing member is a malformed answer. */
      readonly optional?: boolean;
    };

/** One request that asks for several persons at once. */
export interface FindEndpoint {
  readonly path: string;
  /** Sent with every look-up: a flag that shows archived records, for one. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Writes the filter for identifiers that the connector has already escaped and quoted for the dialect. */
  readonly filter: {
    readonly parameter: string;
    /** `sql`: standard strings, a backslash is a letter; `mysql`: a backslash escapes. */
    readonly dialect: "sql" | "mysql" | "json" | "odata";
    /** Null: the system cannot be asked by this kind. */
    readonly write: (kind: IdentifierKind, quoted: readonly string[]) => string | null;
    /** Joins the filters of several kinds; absent: `(a) or (b)`. */
    readonly either?: (filters: readonly string[]) => string;
  };
  /** Spellings that are tried beside the normalised one: `NFD`, decomposed letters. */
  readonly spellings?: readonly "NFD"[];
  readonly results: string;
  readonly paging?: {
    readonly page: string;
    readonly size: string;
    readonly limit: number;
    readonly total: string;
  };
}

/** A list inside the record that `find` answers with; for a nested collection, inside each row of its page. */
export interface EmbeddedList<Fields extends string> {
  readonly embedded: string;
  readonly fields: { readonly [F in Fields]: JsonPath | null };
}

/** A short list that the system sends whole. `{key}` in the path is the record's key. */
export interface ListEndpoint<Fields extends string> {
  readonly path: string;
  readonly whole: string;
  readonly fields: { readonly [F in Fields]: JsonPath | null };
}

/** A list that is paged in the system by position (keyset). `{key}` in the path is the record's key. */
export interface PagedEndpoint<Fields extends string> {
  readonly path: string;
  readonly results: string;
  readonly key: string;
  /** Query parameter that takes how many rows to send, and the most that the system sends at once. */
  readonly size: string;
  readonly limit?: number;
  /** As in `FindEndpoint.parameters`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Query parameter that takes the position, and the member of each row that says it. */
  readonly after: { readonly parameter: string; readonly path: string };
  /** Where the answer says how many rows the whole collection has. */
  readonly total: string;
  readonly fields: { readonly [F in Fields]: JsonPath | null };
}
