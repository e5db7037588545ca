import pg from "pg";
import type { ServerSettings } from "./settings.ts";

export interface Trail {
  entries(): Promise<number>;
  /** What the last entry says was looked at. */
  last(): Promise<ServerSettings["audit"]>;
  close(): Promise<void>;
}

/** The gateway's audit entries, read from outside. */
export async function openTrail(databaseUrl: string): Promise<Trail> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    async entries() {
      const { rows } = await client.query<{ entries: string }>("select count(*) as entries from audit_entry");
      return Number(rows[0]?.entries);
    },
    async last() {
      const { rows } = await client.query<ServerSettings["audit"]>(
        "select coordinates, categories, sources from audit_entry order by sequence desc limit 1",
      );
      if (rows[0] === undefined) throw new Error("the gateway recorded nothing");
      return rows[0];
    },
    close: () => client.end(),
  };
}
