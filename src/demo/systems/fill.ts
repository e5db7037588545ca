import pg from "pg";
import { dayOf } from "../people/calendar.ts";
import { generatePeople } from "../people/generate.ts";
import { type SystemKey, systemKeys } from "../people/person.ts";
import { Batch } from "./batch.ts";
import { crmLayout } from "./crm/fill.ts";
import { eventsLayout } from "./events/fill.ts";
import type { Layout } from "./layout.ts";
import { learningLayout } from "./learning/fill.ts";
import { mailingLayout } from "./mailing/fill.ts";
import { websiteLayout } from "./website/fill.ts";

export interface FillOptions {
  /** The systems to fill; each an empty database. */
  readonly urls: Readonly<Partial<Record<SystemKey, string>>>;
  /** How many persons the organisation knows. */
  readonly persons: number;
  /** Dates are made up relative to this day. */
  readonly today: Date;
  readonly onProgress?: ((line: string) => void) | undefined;
}

interface Open {
  readonly client: pg.Client;
  readonly layout: Layout;
  readonly batch: Batch;
}

const layouts: Readonly<Record<SystemKey, (today: Date) => Layout>> = {
  crm: crmLayout,
  learning: learningLayout,
  events: eventsLayout,
  mailing: mailingLayout,
  website: websiteLayout,
};
const CHUNK = 500;

/**
 * Makes the tables of the demo's systems and fills them. A system that already has tables is left as it is: each is
 * filled in one transaction, so a killed fill leaves nothing, and the next call starts over.
 */
export async function fillSystems(options: FillOptions): Promise<void> {
  const clients: pg.Client[] = [];
  try {
    const open: Open[] = [];
    for (const key of systemKeys) {
      const url = options.urls[key];
      if (url === undefined) continue;
      const client = new pg.Client({ connectionString: url });
      clients.push(client);
      await client.connect();
      if (await isFilled(client)) continue;
      open.push({
        client,
        layout: layouts[key](dayOf(options.today)),
        batch: new Batch(),
      });
    }
    if (open.length > 0) await fill(open, options);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function fill(open: readonly Open[], { persons, onProgress }: FillOptions): Promise<void> {
  const each = (step: (system: Open) => Promise<unknown>) => Promise.all(open.map(step));
  await each(async ({ client, layout, batch }) => {
    await client.query("BEGIN");
    await client.query(layout.tables);
    layout.addCommon?.(batch);
  });
  let made = 0;
  for (const person of generatePeople(persons)) {
    for (const { layout, batch } of open) layout.addPerson(person, batch);
    made += 1;
    if (made % CHUNK === 0) {
      await each(({ client, batch }) => batch.write(client));
      onProgress?.(`${made} of ${persons} persons`);
    }
  }
  await each(async ({ client, layout, batch }) => {
    await batch.write(client);
    await client.query(layout.constraints);
    await client.query("COMMIT");
    // Vacuumed too, so that counts are answered from the index alone.
    await client.query("VACUUM ANALYZE");
  });
  onProgress?.(`${made} persons in ${open.length} systems`);
}

async function isFilled(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1");
  return rowCount === 1;
}
