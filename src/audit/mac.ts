import { createHmac, type KeyObject } from "node:crypto";

/** The columns of an entry but for its sequence and its MAC, in the order of `storedColumns`. */
export type EntryColumns = readonly (string | null | readonly string[])[];

/** What a seal vouches for: which entries it has, in which order, and all that was sealed before. */
export interface SealContent {
  /** From 1, without gaps. */
  readonly number: string;
  /** Hex. */
  readonly previousHead: string;
  /** RFC 3339 in UTC, with six decimals. */
  readonly sealedAt: string;
  readonly sequences: readonly string[];
  /** 32 bytes for each sequence. */
  readonly macs: Uint8Array;
}

export const macLength = 32;

// The first member keeps the three uses of the key apart; JSON keeps columns apart, whatever is in them.

/** HMAC-SHA-256 (RFC 2104): whoever has not the key can neither make an entry nor change one. */
export function entryMac(key: KeyObject, columns: EntryColumns): Buffer {
  return createHmac("sha256", key)
    .update(JSON.stringify(["entry", ...columns]))
    .digest();
}

/** The head of the chain after a seal. Hex. */
export function headOf(
  key: KeyObject,
  { number, previousHead, sealedAt, sequences, macs }: SealContent,
): string {
  return createHmac("sha256", key)
    .update(JSON.stringify(["seal", number, previousHead, sealedAt, sequences]))
    .update(macs)
    .digest("hex");
}

/** The head of a chain without seals. Hex. */
export function emptyHead(key: KeyObject): string {
  return createHmac("sha256", key)
    .update(JSON.stringify(["chain"]))
    .digest("hex");
}

/** A moment as the database writes it with `storedMoment`. */
export const moment = (date: Date): string => date.toISOString().replace("Z", "000Z");
