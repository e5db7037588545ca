import type { DataCategory, IdentifierKind } from "../../access/vocabulary.ts";
import type { Canary, CollectionFields, ReadAs } from "../mapping.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import type { FieldWriting } from "../writing.ts";

/** How the organisation's own tables hold a source's records. Names are the tables' own, unquoted, letter case kept. */
export interface SqlMapping<Fields extends string, Collections extends CollectionFields> {
  readonly connector: "sql";
  /** MikroORM's driver; `postgresql` comes along, the others are peer packages. */
  readonly dialect: "postgresql" | "mysql" | "mariadb" | "mssql" | "sqlite";
  readonly url: string;
  /**
   * Connections held at most (default 8), and the milliseconds after which the server gives a statement up (2000), or one that
   * goes through a whole table for the retention review (60000).
   */
  readonly pool?: {
    readonly max?: number;
    readonly statementTimeout?: number;
    readonly surveyTimeout?: number;
  };
  /** The table with one row per person of this system. */
  readonly person: PersonTable<Fields, keyof Collections & string>;
  readonly collections: { readonly [C in keyof Collections]: CollectionTable<Collections[C]> };
  readonly canary: Canary;
  /** How the tables are made to forget a person. Absent: they cannot be, and staff are told to do it by hand. */
  readonly erasures?: SqlErasures<keyof Collections & string>;
}

export interface PersonTable<Fields extends string, Collection extends string = string> {
  /** `table` or `schema.table`. */
  readonly table: string;
  readonly key: string;
  /** Tables that a foreign key of this one leads to, one row at most; their columns are written `alias.column`. */
  readonly joins?: readonly Join[];
  /** Columns that an identifier may be found in. Matches are compared again, exactly and normalised. */
  readonly identifiers: readonly IdentifierColumn[];
  readonly fields: { readonly [F in Fields]: Column | null };
  /** Personal columns beyond the common model: `other`. */
  readonly other?: readonly OtherColumn[];
  /** Columns that hold nothing of the person, each with the reason. A column in neither place stops the boot. */
  readonly notPersonal?: Readonly<Record<string, string>>;
  readonly updatedAt?: Column;
  /** What the gateway may write. Absent: nothing. */
  readonly writes?: Writes<Fields, Collection>;
}

export interface Writes<Fields extends string, Collection extends string = string> {
  /**
   * Fields that can be corrected, each in its column of `fields`. Of a value kept in several columns the last word goes
   * to the last column and the rest to the first.
   */
  readonly fields: { readonly [F in Fields]?: FieldWriting };
  /** Columns that are set to the moment of every write, as the system itself would. */
  readonly touched?: readonly TouchedColumn[];
  /** Marks the record as restricted (GDPR Art. 18). What is neither `on` nor `off` is not restricted. */
  readonly restriction?: Mark;
  /** Collections whose rows repeat fields of the record as they were, and are not rewritten. */
  readonly snapshots?: readonly {
    readonly collection: Collection;
    readonly repeats: readonly Fields[];
  }[];
}

export interface TouchedColumn {
  readonly column: string;
  readonly as: "moment" | "epochSeconds" | "epochMilliseconds";
}

export interface Mark {
  readonly column: string;
  readonly on: string | number | boolean;
  readonly off: string | number | boolean;
}

export interface CollectionTable<Fields extends string> {
  readonly table: string;
  readonly key: string;
  /** Column that names the parent's key (the person's, for a nested collection its row's, or what it hangs on `through`). */
  readonly parent: string;
  readonly through?: Through;
  /** Keyset order; ties are broken by `key`. Nulls come last. Absent for short lists: by `key`, rising. */
  readonly order?: {
    readonly column: string;
    readonly direction: "asc" | "desc";
    readonly nullable?: boolean;
  };
  /** A table that a foreign key of this one leads to; its columns are written `alias.column`. */
  readonly joins?: readonly Join[];
  /** Only rows where the column has this value belong to the collection. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  readonly fields: { readonly [F in Fields]: Column | SharedColumn | null };
  readonly notPersonal?: Readonly<Record<string, string>>;
}

/**
 * Rows that hang on a person by something that others may use as well: a browser, a household's account. They are the
 * person's where nobody else has used it, and otherwise nobody's: whose they are cannot be told.
 */
export interface Through {
  /** A collection of the record with a row for each person who has used it; `parent` null: somebody who was erased. */
  readonly collection: string;
  /** Its column that `parent` equals. */
  readonly column: string;
}

/** Of a row that says who uses something: whether another row says that somebody else does. */
export interface SharedColumn {
  /** Column that names what is used. */
  readonly shared: string;
}

export interface Join {
  readonly table: string;
  readonly alias: string;
  /** Column of the collection's table, and the joined table's column that it equals. */
  readonly on: readonly [string, string];
}

/** A column by name, or with how to read it. `null` in a mapping: this system does not hold the field. */
export type Column = string | ColumnReading | ColumnsJoined;

export interface ColumnReading {
  readonly column: string;
  /** Absent: as the column's type says. */
  readonly as?: ReadAs;
  /** Path to a member of a JSON column. */
  readonly member?: readonly string[];
  /** The system's words for the contract's. A word that is not among them is shown as held. */
  readonly values?: Readonly<Record<string, string>>;
}

/** One field kept in several columns, those that are null or empty left out: given and family name. */
export interface ColumnsJoined {
  readonly columns: readonly string[];
  readonly separator: string;
}

export interface IdentifierColumn {
  readonly kind: IdentifierKind;
  readonly column: string;
  /** The column's type where it is not text. */
  readonly type?: "integer" | "uuid";
  /**
   * Spellings that are tried beside the normalised one; e-mail addresses with the column folded to lower case:
   * `NFD` decomposed letters; `DISPLAY_NAME` `"Name" <address>` (reads the whole column); `PADDED` spaces around;
   * `PUNCTUATED` phone numbers with spaces, hyphens or brackets in them.
   */
  readonly spellings?: readonly ("NFD" | "DISPLAY_NAME" | "PADDED" | "PUNCTUATED")[];
}

export interface OtherColumn {
  readonly name: string;
  readonly column: Column;
  readonly category: DataCategory;
}
