import type { Keyring } from "../src/store/keyring.ts";
import { built } from "./built.ts";
import type { BenchSettings } from "./settings.ts";

/** The gateway's own keys: for whoever reads or writes its database as it does. */
export async function keyringOf({
  databaseUrl,
  masterKey,
}: Pick<BenchSettings, "databaseUrl" | "masterKey">): Promise<Keyring> {
  const { openStore } = await built<typeof import("../src/store/store.ts")>("store/store");
  const { openKeyring } = await built<typeof import("../src/store/keyring.ts")>("store/keyring");
  const { fixedMasterKeys } = await built<typeof import("../src/store/master-keys.ts")>("store/master-keys");
  const store = await openStore({ url: databaseUrl, poolSize: 1 });
  try {
    return await openKeyring(store, fixedMasterKeys(new Uint8Array(masterKey)));
  } finally {
    await store.close(true);
  }
}
