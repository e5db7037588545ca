import { seal, unseal } from "./cipher.ts";
import type { MasterKey, MasterKeys } from "./master-keys.ts";

/** Something is wrapped with a master key that is not at hand. */
export class UnknownMasterKey extends Error {
  override readonly name = "UnknownMasterKey";
  /** @param id the key's, as in `MasterKey` */
  constructor(id: string) {
    super(
      `Keys in the gateway's database are wrapped with a master key that is not here (${id}). ` +
        "Set INNSYN_MASTER_KEY to the key that they were made with, or name that key in INNSYN_OTHER_MASTER_KEYS. " +
        "In the demo: put the file master.key back as it was, or delete the demo's data to start anew.",
    );
  }
}

export interface WrappedKey {
  /** Sealed under the master key. */
  readonly wrappedKey: Buffer;
  /** Which master key. */
  readonly masterKeyId: string;
}

/** @param context where it is kept; it opens nowhere else */
export function wrap({ id, bytes }: MasterKey, key: Uint8Array, context: string): WrappedKey {
  return { wrappedKey: seal(bytes, key, context), masterKeyId: id };
}

/** @throws UnknownMasterKey, Unreadable */
export async function unwrap(
  masterKeys: MasterKeys,
  { wrappedKey, masterKeyId }: { readonly wrappedKey: Uint8Array; readonly masterKeyId: string },
  context: string,
): Promise<Buffer> {
  const master = await masterKeys.byId(masterKeyId);
  if (master === null) throw new UnknownMasterKey(masterKeyId);
  return unseal(master.bytes, wrappedKey, context);
}
