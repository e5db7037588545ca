import type { Person } from "../people/person.ts";
import type { Batch } from "./batch.ts";

/** A system's database: its layout, and what it holds of a person. */
export interface Layout {
  /** SQL; foreign keys and indexes come with `constraints`, once the rows are in. */
  readonly tables: string;
  readonly constraints: string;
  /** Rows that belong to nobody: events, mailing lists, campaigns. */
  addCommon?(into: Batch): void;
  /** All rows of the person; nothing where the system does not hold the person. */
  addPerson(person: Person, into: Batch): void;
}
