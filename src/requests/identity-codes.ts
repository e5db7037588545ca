import { randomInt, randomUUID, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import { databaseNow } from "../store/clock.ts";
import type { Keyring } from "../store/keyring.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type Db, sealedColumn } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";

/** How long a code counts, how often it may be tried, and how many are sent for one request. */
export interface IdentityCodeSettings {
  readonly minutes: number;
  readonly tries: number;
  readonly perHour: number;
  readonly perDay: number;
}

export interface IdentityCodes {
  readonly settings: IdentityCodeSettings;
  /** False: there is no mail server. */
  readonly canBeSent: boolean;
}

/** As many codes have been sent for the request as are allowed for now. */
export class TooManyCodes extends Error {
  override readonly name = "TooManyCodes";
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super("too many codes");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const digits = 8;
const addressColumn = sealedColumn("identity_code", "sealed_address");

export interface DrawnCode {
  readonly id: string;
  readonly code: string;
}

export interface NewCode {
  readonly requestId: string;
  readonly source: string;
  readonly address: string;
}

const hashOf = (keyring: Pick<Keyring, "hash">, id: string, code: string) =>
  keyring.hash("identity-code")(id, code);

/**
 * A new code in place of the one before; of itself its keyed hash is kept alone. Within the transaction that holds the
 * request. @throws TooManyCodes
 */
export async function drawCode(
  db: Db,
  { keyring, key }: { readonly keyring: Pick<Keyring, "hash">; readonly key: PersonKey },
  { requestId, source, address }: NewCode,
  settings: IdentityCodeSettings,
): Promise<DrawnCode> {
  const now = await databaseNow(db);
  await refuseTooMany(db, requestId, now, settings);
  await endCodes(db, requestId);
  const id = randomUUID();
  const code = String(randomInt(10 ** digits)).padStart(digits, "0");
  await db
    .insertInto("identity_code")
    .values({
      id,
      request_id: requestId,
      source,
      code_hash: hashOf(keyring, id, code),
      sealed_address: key.seal(address, addressColumn),
      made_at: now,
      expires_at: new Date(now.getTime() + settings.minutes * 60_000),
      ended_at: null,
    })
    .execute();
  return { id, code };
}

async function refuseTooMany(
  db: Db,
  requestId: string,
  now: Date,
  { perHour, perDay }: IdentityCodeSettings,
): Promise<void> {
  const made = await db
    .selectFrom("identity_code")
    .select("made_at")
    .where("request_id", "=", requestId)
    .orderBy("made_at", "desc")
    .limit(Math.max(perHour, perDay))
    .execute();
  for (const [most, seconds] of [
    [perHour, 3_600],
    [perDay, 86_400],
  ] as const) {
    const oldest = made[most - 1];
    const left = oldest ? seconds - (now.getTime() - oldest.made_at.getTime()) / 1_000 : 0;
    if (left > 0) throw new TooManyCodes(Math.ceil(left));
  }
}

/** Whether it could still be typed in: one that cannot is not sent any more. */
export async function isLive(db: Db, id: string): Promise<boolean> {
  const live = await db
    .selectFrom("identity_code")
    .select("id")
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .where("expires_at", ">", sql<Date>`gateway_now()`)
    .executeTakeFirst();
  return live !== undefined;
}

export interface Tried {
  readonly id: string;
  readonly subjectId: string;
  readonly source: string;
  readonly isRight: boolean;
}

/** Counts a try before it is looked at: of several at once no more are looked at than are allowed. Null: no code counts. */
export async function tryCode(
  db: Db,
  keyring: Pick<Keyring, "hash">,
  { requestId, code }: { readonly requestId: string; readonly code: string },
  { tries }: Pick<IdentityCodeSettings, "tries">,
): Promise<Tried | null> {
  const { rows } = await sql<{ id: string; code_hash: string; source: string; subject_id: string }>`
    update identity_code c set tries = c.tries + 1 from request r
    where c.request_id = ${isUuid(requestId) ? requestId : randomUUID()} and r.id = c.request_id
      and r.status = 'AWAITING_IDENTITY' and c.ended_at is null and c.sealed_address is not null
      and c.expires_at > gateway_now() and c.tries < ${tries}
    returning c.id, c.code_hash, c.source, r.subject_id`.execute(db);
  const [found] = rows;
  const typed = hashOf(keyring, found?.id ?? "", code.replaceAll(/\s/gu, ""));
  const kept = found?.code_hash ?? hashOf(keyring, "", "");
  const isRight = timingSafeEqual(Buffer.from(typed), Buffer.from(kept));
  return found ? { id: found.id, subjectId: found.subject_id, source: found.source, isRight } : null;
}

/** Uses it up. Resolves with the address that it was sent to; null: somebody else has, or it has been replaced. */
export async function useCode(db: Db, key: PersonKey, id: string): Promise<string | null> {
  const code = await db
    .selectFrom("identity_code")
    .select(["request_id", "sealed_address"])
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  if (!code?.sealed_address) return null;
  await endCodes(db, code.request_id);
  return key.unseal(code.sealed_address, addressColumn);
}

/** No code of the request counts any more, and where they went is kept no longer. */
export async function endCodes(db: Db, requestId: string): Promise<void> {
  await db
    .updateTable("identity_code")
    .set({ ended_at: sql<Date>`gateway_now()`, sealed_address: null })
    .where("request_id", "=", requestId)
    .where("ended_at", "is", null)
    .execute();
}
