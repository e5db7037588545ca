import { createHmac, createSecretKey } from "node:crypto";

/** HMAC-SHA-256 over the parts, hex. Without the key nobody can tell whose it is. */
export type KeyedHash = (...parts: readonly string[]) => string;

/** @param key 32 bytes; one for each use, so that hashes of two uses never meet. */
export function keyedHash(key: Uint8Array): KeyedHash {
  const secret = createSecretKey(key);
  return (...parts) => createHmac("sha256", secret).update(JSON.stringify(parts)).digest("hex");
}
