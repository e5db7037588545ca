import { hkdfSync } from "node:crypto";

export interface MasterKey {
  /** Names the key without telling anything of it: 16 hexadecimal digits. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

/** The keys that wrap all other keys. They are never in the database. */
export interface MasterKeys {
  /** What new keys are wrapped with. */
  current(): Promise<MasterKey>;
  /** A key that something may still, or already, be wrapped with; null: unknown here. */
  byId(id: string): Promise<MasterKey | null>;
}

/** @param bytes 32 bytes. */
export function masterKey(bytes: Uint8Array): MasterKey {
  const id = Buffer.from(hkdfSync("sha256", bytes, "", "innsyn/master-key-id", 8)).toString("hex");
  return { id, bytes };
}

/** Keys that stay the same as long as the process lives. */
export function fixedMasterKeys(current: Uint8Array, others: readonly Uint8Array[] = []): MasterKeys {
  const first = masterKey(current);
  const known = new Map([...others.map(masterKey), first].map((key) => [key.id, key]));
  return {
    current: () => Promise.resolve(first),
    byId: (id) => Promise.resolve(known.get(id) ?? null),
  };
}
