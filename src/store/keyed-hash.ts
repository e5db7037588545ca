import { createHmac, hkdfSync } from "node:crypto";

/** HMAC-SHA-256 over the parts, hex. Without the key nobody can tell whose it is. */
export type KeyedHash = (...parts: readonly string[]) => string;

/**
 * A hash for one use, from a key derived from the master key (HKDF, RFC 5869): hashes of two uses never meet.
 * @param masterKey 32 bytes.
 */
export function keyedHash(masterKey: Uint8Array, use: string): KeyedHash {
  const key = Buffer.from(hkdfSync("sha256", masterKey, "", `innsyn/${use}`, 32));
  return (...parts) => createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex");
}
