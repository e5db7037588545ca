import type { Store } from "../store/store.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import { allPolicies } from "./policies.ts";

/** A version that the configuration has published. */
export interface ConfiguredPolicy {
  readonly version: string;
  readonly publishedAt: Date;
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  readonly changes: string | null;
  readonly requiresConsent: boolean;
}

/** The configuration says something else of a version than what has been published, or has published nothing yet. */
export class PolicyContradiction extends Error {
  override readonly name = "PolicyContradiction";
}

/**
 * Puts the versions of the configuration among those that are published, from where alone they are read: all of them, or
 * none. Nobody is told of them by e-mail. Several replicas may do so at once. @throws PolicyContradiction
 */
export const publishConfigured = (store: Store, policies: readonly ConfiguredPolicy[]): Promise<void> =>
  inTransaction(store, (db) => publishAll(db, policies));

async function publishAll(db: Db, policies: readonly ConfiguredPolicy[]): Promise<void> {
  for (const { version, publishedAt, text, language, changes, requiresConsent } of policies) {
    await db
      .insertInto("privacy_policy")
      .values({
        version,
        published_at: publishedAt,
        text,
        language,
        changes,
        requires_consent: requiresConsent,
        is_told: false,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const stored = await db
      .selectFrom("privacy_policy")
      .select(["text", "language", "requires_consent"])
      .where("version", "=", version)
      .executeTakeFirstOrThrow();
    const isSame =
      stored.text === text && stored.language === language && stored.requires_consent === requiresConsent;
    if (!isSame)
      throw new PolicyContradiction(
        `organisation.policies: version ${version} has been published with another text, language or need for consent, and what persons were shown stays as it was. Give what has changed a version of its own.`,
      );
  }
  if ((await allPolicies(db)).length === 0)
    throw new PolicyContradiction(
      "organisation.policies: no version is published yet (publishedAt): name the one that is in force.",
    );
}
