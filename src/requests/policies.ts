import DataLoader from "dataloader";
import { type SelectQueryBuilder, sql } from "kysely";
import type { Db, Tables } from "../store/tables.ts";

/** A version of the privacy policy, as it was published: nothing in it ever changes. */
export interface PolicyVersion {
  readonly version: string;
  readonly publishedAt: Date;
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  readonly changes: string | null;
  readonly requiresConsent: boolean;
  /** Whether persons are told of it by e-mail. */
  readonly tellsPersons: boolean;
}

/** A version without its text. */
export type PolicyHeading = Omit<PolicyVersion, "text">;

/** Published versions as one operation reads them: each is read once, and none is kept for the next operation. */
export interface PrivacyPolicies {
  current(): Promise<PolicyVersion>;
  /** Null: no such version is published. */
  find(version: string): Promise<PolicyVersion | null>;
  /** Newest first: the first is in force. */
  headings(): Promise<readonly PolicyHeading[]>;
  /** What has been read counts no more: something was published. */
  forget(): void;
}

export function createPrivacyPolicies(db: Db): PrivacyPolicies {
  let current: Promise<PolicyVersion> | undefined;
  let headings: Promise<readonly PolicyHeading[]> | undefined;
  const versions = new DataLoader((wanted: readonly string[]) => versionsOf(db, wanted));
  return {
    current: () => (current ??= currentPolicy(db)),
    find: (version) => versions.load(version),
    headings: () => (headings ??= inOrder(published(db)).execute()),
    forget() {
      current = undefined;
      headings = undefined;
      versions.clearAll();
    },
  };
}

/** What is published at this moment by the database's clock: one for all replicas. */
const published = (db: Db) =>
  db
    .selectFrom("privacy_policy")
    .select(["version", "published_at as publishedAt", "language", "changes"])
    .select(["requires_consent as requiresConsent", "is_told as tellsPersons"])
    .where("published_at", "<=", sql<Date>`gateway_now()`);

const inOrder = <Row>(versions: SelectQueryBuilder<Tables, "privacy_policy", Row>) =>
  versions.orderBy("published_at", "desc").orderBy("place", "desc");

/** The version that is in force. */
export const currentPolicy = (db: Db): Promise<PolicyVersion> =>
  inOrder(published(db).select("text")).limit(1).executeTakeFirstOrThrow();

/** Newest first: the first is in force. */
export const allPolicies = (db: Db): Promise<readonly PolicyVersion[]> =>
  inOrder(published(db).select("text")).execute();

async function versionsOf(db: Db, wanted: readonly string[]): Promise<readonly (PolicyVersion | null)[]> {
  // PostgreSQL has no text with a NUL in it.
  const storable = wanted.filter((version) => !version.includes("\0"));
  const rows =
    storable.length === 0
      ? []
      : await published(db).select("text").where("version", "in", storable).execute();
  return wanted.map((version) => rows.find((row) => row.version === version) ?? null);
}
