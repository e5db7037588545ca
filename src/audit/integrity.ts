import type { Db } from "../store/tables.ts";

/** What was done to an entry behind the gateway's back, or to the seal that has it. */
export type Fault =
  /** A column is not what the gateway wrote. */
  | "CHANGED"
  /** It was written, and is not there. */
  | "REMOVED"
  /** It is in no seal and waits for none, or is a copy of another. */
  | "INSERTED"
  /** A genuine entry in the place of another. */
  | "MOVED"
  /** A second seal has its sequence. */
  | "SEALED_TWICE"
  /** The first entry of a seal that is not the gateway's, or does not follow on the one before. */
  | "SEAL_BROKEN"
  /** The chain has never had the head that was expected: it was cut, or replaced. */
  | "HEAD_UNKNOWN";

export interface Integrity {
  readonly intact: boolean;
  readonly entries: number;
  readonly seals: number;
  /** Entries that wait for their seal: good by themselves, but nobody would miss them yet. */
  readonly unsealed: number;
  /** The lowest sequence that something is wrong with; null also where only the head is unknown. */
  readonly firstBroken: string | null;
  readonly fault: Fault | null;
  /** What vouches for all that is sealed; to be written down elsewhere. Hex. */
  readonly head: string;
}

/** The database at one moment: a transaction of its own. */
export type Snapshot = Db;
/** @param sequence null: of a seal that has no entry */
export type Report = (fault: Fault, sequence: string | null) => void;
