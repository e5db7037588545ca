import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed value that does not open: another key, another place, or it was changed. Holds nothing of the value. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random nonce: one key may seal 2^32 values.
 * @param key 32 bytes.
 * @param context authenticated but not kept: a value that is moved to another row or column does not open there.
 * @returns 12 bytes of nonce, the ciphertext, 16 bytes of tag.
 */
export function seal(key: Uint8Array, plaintext: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `seal` made.
 * @throws Unreadable
 */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Unreadable("too short to be a sealed value");
  const end = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    throw new Unreadable("a sealed value does not open with this key in this place");
  }
}
