import { openKeyring } from "../store/keyring.ts";
import type { MasterKeys } from "../store/master-keys.ts";
import { createPersonKeys } from "../store/person-keys.ts";
import { migrate, openStore } from "../store/store.ts";
import { inTransaction } from "../store/tables.ts";
import { parseIdentifier } from "../subjects/identifiers.ts";
import { createPeople, type RegisterParts } from "../subjects/people.ts";
import { recordConsent } from "../subjects/consents.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { restrict } from "../subjects/restrictions.ts";
import { demoConsents } from "./consents.ts";
import { decisions, type Decisions } from "./people/decisions.ts";

/** The policy that the demo's people said yes or no to. */
const policyVersion = "2018-05-30";

/** Writes what the fixed people have decided into the gateway's database, once. */
export async function fillRegister(databaseUrl: string, masterKeys: MasterKeys): Promise<void> {
  const store = await openStore({ url: databaseUrl, poolSize: 2 });
  try {
    await migrate(store);
    const parts = {
      store,
      keyring: await openKeyring(store, masterKeys),
      personKeys: createPersonKeys(masterKeys),
    };
    const people = createPeople(parts);
    for (const decided of decisions) {
      const identifier = parseIdentifier({ kind: "EMAIL", value: decided.email }, "email");
      if ((await people.knownBy(identifier)).length > 0) continue;
      const { id } = await people.enrolFound(identifier);
      await write(parts, id, decided);
    }
  } finally {
    await store.close(true);
  }
}

async function write(
  parts: RegisterParts,
  id: string,
  { consents, restrictedBecause }: Decisions,
): Promise<void> {
  await inTransaction(parts.store, async (db) => {
    for (const [order, [purpose, status]] of consents.entries()) {
      const at = new Date(Date.UTC(2025, order, 15, 9));
      const { wording } = demoConsents.find((asked) => asked.purpose === purpose) ?? {};
      await recordConsent(db, id, {
        purpose,
        status,
        at,
        byRole: "SUBJECT",
        channel: "PORTAL",
        policyVersion,
        wording: wording?.nb,
        language: "nb",
      });
    }
    if (restrictedBecause !== undefined) {
      await restrict(db, await keyOfPerson(db, parts, id), id, {
        sources: [],
        reason: restrictedBecause,
        since: new Date("2025-06-02T08:00:00Z"),
      });
    }
  });
}
