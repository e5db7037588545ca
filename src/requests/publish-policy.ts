import { sql } from "kysely";
import { isLanguage, type Language } from "../language/language.ts";
import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import { Refused } from "./refused.ts";
import type { AskingPerson } from "./desk.ts";
import { currentPolicy, type PolicyVersion } from "./policies.ts";
import type { Recording } from "./recorded.ts";
import { stated, statedText } from "./stated.ts";

export interface NewPolicy {
  readonly version: string;
  readonly text: string;
  readonly language: string;
  readonly changes: string;
  readonly requiresConsent: boolean;
  readonly tellPersons?: boolean | null;
}

/** Characters (code points). */
const longestText = 50_000;

/**
 * Publishes a version, which is in force at once on every replica and never changes; persons are told of it afterwards,
 * batch by batch. @throws Refused
 */
export async function publishPolicy(
  input: NewPolicy,
  by: AskingPerson,
  { recorded }: { readonly recorded: Recording },
): Promise<PolicyVersion> {
  const policy = policyIn(input);
  return recorded(by, async (db) => {
    // Whoever else publishes waits: what is compared with is what is in force.
    await sql`lock table privacy_policy in share row exclusive mode`.execute(db);
    await refuseStanding(db, policy);
    const publishedAt = await databaseNow(db);
    await db
      .insertInto("privacy_policy")
      .values({
        version: policy.version,
        published_at: publishedAt,
        text: policy.text,
        language: policy.language,
        changes: policy.changes,
        requires_consent: policy.requiresConsent,
        is_told: policy.tellsPersons,
      })
      .execute();
    if (policy.tellsPersons)
      await db.insertInto("policy_telling").values({ version: policy.version, told_through: null }).execute();
    return {
      value: { ...policy, publishedAt },
      entries: [{ event: "PUBLISHED", subjectRef: null, categories: [], detail: policy.version }],
    };
  });
}

/** @throws Refused */
function policyIn(input: NewPolicy): Omit<PolicyVersion, "publishedAt"> & { readonly language: Language } {
  const { version, language, requiresConsent } = input;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(version))
    throw new Refused("NOT_A_VERSION", { argument: "version" });
  const text = statedText(input.text, "text", longestText);
  if (!isLanguage(language)) throw new Refused("UNKNOWN_LANGUAGE", { argument: "language" });
  const changes = stated(input.changes, "changes");
  const tellsPersons = input.tellPersons ?? true;
  if (requiresConsent && !tellsPersons) throw new Refused("CONSENT_UNTOLD", { argument: "tellPersons" });
  return { version, text, language, changes, requiresConsent, tellsPersons };
}

/** @throws Refused */
async function refuseStanding(
  db: Db,
  { version, text, language }: Pick<PolicyVersion, "version" | "text" | "language">,
) {
  const standing = await db
    .selectFrom("privacy_policy")
    .select("version")
    .where("version", "=", version)
    .executeTakeFirst();
  if (standing) throw new Refused("VERSION_EXISTS", { argument: "version" });
  const current = await currentPolicy(db);
  if (current.text.trim() === text && current.language === language)
    throw new Refused("TEXT_UNCHANGED", { argument: "text" });
}
