import { randomBytes } from "node:crypto";
import { seal, unseal } from "./cipher.ts";
import type { MasterKeys } from "./master-keys.ts";
import { unwrap, wrap, type WrappedKey } from "./wrapping.ts";

/** The person's key is gone, and with it everything that was sealed under it. */
export class KeyDestroyed extends Error {
  override readonly name = "KeyDestroyed";
}

/** One person's data key: what the gateway keeps of the person is sealed under it. */
export interface PersonKey {
  /** @param column where it will be kept, such as `identifier.sealed_value`: it opens there alone. */
  seal(text: string, column: string): Buffer;
  /** @throws Unreadable */
  unseal(sealed: Uint8Array, column: string): string;
}

export interface PersonKeys {
  /** A new key; keep what it is wrapped as in the person's row of `keys.person_key`. */
  create(subjectId: string): Promise<WrappedKey & { readonly key: PersonKey }>;
  /**
   * @param wrapped as kept in the person's row; nulls: there is none, since the key was destroyed.
   * @throws KeyDestroyed, UnknownMasterKey, Unreadable
   */
  open(
    subjectId: string,
    wrapped: { readonly wrappedKey: Uint8Array | null; readonly masterKeyId: string | null },
  ): Promise<PersonKey>;
}

/** What binds a wrapped key to the person. */
export const personKeyContext = (subjectId: string): string => JSON.stringify(["subject", subjectId]);

export function createPersonKeys(masterKeys: MasterKeys): PersonKeys {
  return {
    async create(subjectId) {
      const bytes = randomBytes(32);
      const wrapped = wrap(await masterKeys.current(), bytes, personKeyContext(subjectId));
      return { ...wrapped, key: personKey(bytes, subjectId) };
    },
    async open(subjectId, { wrappedKey, masterKeyId }) {
      if (wrappedKey === null || masterKeyId === null)
        throw new KeyDestroyed("the person's key is destroyed");
      const context = personKeyContext(subjectId);
      return personKey(await unwrap(masterKeys, { wrappedKey, masterKeyId }, context), subjectId);
    },
  };
}

function personKey(key: Uint8Array, subjectId: string): PersonKey {
  const contextOf = (column: string) => JSON.stringify([column, subjectId]);
  return {
    seal: (text, column) => seal(key, Buffer.from(text), contextOf(column)),
    unseal: (sealed, column) => unseal(key, sealed, contextOf(column)).toString(),
  };
}
