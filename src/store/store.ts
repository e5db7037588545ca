import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import type pg from "pg";
import { ChainedTrail } from "./migrations/20261122-chained-trail.ts";
import { Identities } from "./migrations/20261122-identities.ts";
import { LooksOfStaff } from "./migrations/20261122-looks-of-staff.ts";
import { SubjectsAndAudit } from "./migrations/20261122-subjects-and-audit.ts";
import { Requests } from "./migrations/20261123-requests.ts";
import { KeysApart } from "./migrations/20261126-erasures.ts";
import { Suppression } from "./migrations/20261127-suppression.ts";
import { Erasing } from "./migrations/20261128-erasing.ts";
import { Clock } from "./migrations/20261129-clock.ts";
import { Exports } from "./migrations/20261129-exports.ts";
import { IdentityCodes } from "./migrations/20261129-identity-codes.ts";
import { DailyMessage } from "./migrations/20261129-daily-message.ts";
import { Withheld } from "./migrations/20261129-withheld.ts";
import { Statistics } from "./migrations/20261130-statistics.ts";
import { TrailReading } from "./migrations/20261201-trail-reading.ts";
import { PoliciesAndDisclosures } from "./migrations/20261203-policies-and-disclosures.ts";
import { RetentionReviews } from "./migrations/20261204-retention-review.ts";
import { ProlongedSecrecy } from "./migrations/20261205-prolonged-secrecy.ts";
import { RunningSteps } from "./migrations/20261206-running-steps.ts";
import { readMoments } from "./moments.ts";
import { prepareMarked } from "./prepared.ts";
import { endUnanswered, limitedTo } from "./time-limit.ts";

export type Store = MikroORM;

export interface StoreSettings {
  readonly url: string;
  readonly poolSize?: number;
  /** Milliseconds for one statement, and for a connection to be free; absent: as long as it takes. */
  readonly timeLimit?: number;
}

/** The gateway's own database. Fork `em` once per request or unit of work. */
export function openStore(settings: StoreSettings): Promise<Store> {
  return MikroORM.init({
    clientUrl: settings.url,
    // Its tables are written down in tables.ts, for Kysely.
    entities: [],
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: settings.poolSize ?? 10 },
    driverOptions: {
      ...(settings.timeLimit !== undefined && limitedTo(settings.timeLimit)),
      onPoolCreated: (pool: pg.Pool) => {
        endUnanswered(pool);
        prepareMarked(pool);
        readMoments(pool);
      },
    },
    extensions: [Migrator],
    migrations: {
      migrationsList: [
        SubjectsAndAudit,
        Identities,
        ChainedTrail,
        LooksOfStaff,
        Requests,
        KeysApart,
        Suppression,
        Erasing,
        Clock,
        Exports,
        IdentityCodes,
        DailyMessage,
        Withheld,
        Statistics,
        TrailReading,
        PoliciesAndDisclosures,
        RetentionReviews,
        ProlongedSecrecy,
        RunningSteps,
      ],
      snapshot: false,
      silent: true,
      tableName: "migration",
    },
    forceUtcTimezone: true,
    ignoreUndefinedInQuery: false,
    debug: false,
  });
}

/** Brings the database to the newest form; safe to run by several replicas at once. */
export async function migrate(store: Store): Promise<void> {
  await store.em.transactional(async (em) => {
    await em.execute("select pg_advisory_xact_lock(hashtext('innsyn-migrations'))");
    await store.migrator.up();
  });
}

/** As `migrate`, for a database by its URL. */
export async function migrateDatabase(url: string): Promise<void> {
  const store = await openStore({ url, poolSize: 2 });
  try {
    await migrate(store);
  } finally {
    await store.close(true);
  }
}
