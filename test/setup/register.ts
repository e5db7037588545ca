import { openKeyring } from "../../src/store/keyring.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { openStore } from "../../src/store/store.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";
import type { Gateway } from "./gateway.ts";

/** The gateway's own register, as another replica would open it. */
export async function openRegister({
  databaseUrl,
  masterKeys,
}: Pick<Gateway, "databaseUrl" | "masterKeys">): Promise<RegisterParts & AsyncDisposable> {
  const store = await openStore({ url: databaseUrl, poolSize: 3 });
  const keyring = await openKeyring(store, masterKeys);
  return {
    store,
    keyring,
    personKeys: createPersonKeys(masterKeys),
    [Symbol.asyncDispose]: () => store.close(true).then(() => undefined),
  };
}
