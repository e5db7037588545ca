import { seal, Unreadable, unseal } from "../store/cipher.ts";
import type { Keyring } from "../store/keyring.ts";
import type { Db } from "../store/tables.ts";

/** What a position is bound to besides its source. */
const context = (source: string): string => JSON.stringify(["suppression_scan", source]);

interface Keys {
  readonly keyring: Keyring;
}

/** Where the look through a source goes on; null: from the start. */
export async function scanPosition(db: Db, { keyring }: Keys, source: string): Promise<string | null> {
  const row = await db
    .selectFrom("suppression_scan")
    .select("cursor")
    .where("source", "=", source)
    .executeTakeFirst();
  if (!row) return null;
  try {
    return unseal(keyring.key("scan"), row.cursor, context(source)).toString();
  } catch (error) {
    // Kept under a key that is not here any more: it is looked through anew.
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** Sealed: a source may name a record by what a person is known by. */
export async function keepScan(db: Db, { keyring }: Keys, source: string, position: string): Promise<void> {
  const cursor = seal(keyring.key("scan"), Buffer.from(position), context(source));
  await db
    .insertInto("suppression_scan")
    .values({ source, cursor })
    .onConflict((conflict) => conflict.column("source").doUpdateSet({ cursor }))
    .execute();
}

export async function forgetScan(db: Db, source: string): Promise<void> {
  await db.deleteFrom("suppression_scan").where("source", "=", source).execute();
}
