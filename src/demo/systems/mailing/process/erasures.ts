import pg from "pg";
import { noSubscriber } from "./errors.ts";
import type { Manners } from "./manners.ts";
import { noted, remainsOf, type Traced, tracked, uuidsOf } from "./remains.ts";

export interface ErasureJob {
  readonly id: string;
  readonly state: "running" | "done" | "failed";
  /** What whoever started it calls it. */
  readonly reference: string | null;
  readonly due_at: Date;
}

interface DueJob {
  readonly id: string;
  readonly subscriber_id: number;
  readonly emails: string[];
}

const columns = "id, state, reference, due_at";

/**
 * Erasures that are taken on and carried out a moment later. All that is known of one is in the database, so that a tool
 * that was killed carries on.
 */
export class Erasures {
  readonly #pool: pg.Pool;
  readonly #manners: Manners;
  readonly #runsMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(pool: pg.Pool, manners: Manners, runsMs: number) {
    this.#pool = pool;
    this.#manners = manners;
    this.#runsMs = runsMs;
  }

  /** Takes up what was left when the tool was killed. */
  async resume(): Promise<void> {
    const { rows } = await this.#pool.query<{ due_at: Date }>(
      "SELECT due_at FROM privacy_erasures WHERE state = 'running'",
    );
    for (const { due_at } of rows) this.#schedule(due_at);
  }

  /** One at a time for each subscriber, and one for each reference. @throws MailingError for nobody */
  async start(traced: Traced, reference: string | null): Promise<ErasureJob> {
    const known = await this.#same(traced, reference);
    if (known) return known;
    if (!(await this.#isKnown(traced))) throw noSubscriber();
    const wait = Number(this.#manners.get("slow-erasure")?.["ms"] ?? this.#runsMs);
    const { rows } = await this.#pool.query<ErasureJob>(
      `INSERT INTO privacy_erasures (subscriber_id, emails, reference, due_at)
       VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond') ON CONFLICT DO NOTHING RETURNING ${columns}`,
      [traced.subscriber, traced.emails, reference, wait],
    );
    const started = rows[0] ?? (await this.#same(traced, reference));
    if (!started) throw new Error("An erasure ended while another was started.");
    this.#schedule(started.due_at);
    return started;
  }

  /** What names somebody who is no subscriber goes at once. */
  async wipe(emails: readonly string[]): Promise<void> {
    if (this.#manners.get("forgets-nothing") !== undefined) return;
    await this.#transaction((client) => wipe(client, { subscriber: null, emails }, this.#leavesViews));
  }

  async byId(id: string): Promise<ErasureJob | undefined> {
    await this.runDue();
    const { rows } = await this.#pool.query<ErasureJob>(
      `SELECT ${columns} FROM privacy_erasures WHERE id = $1`,
      [id],
    );
    return rows[0];
  }

  /** Newest first. */
  async ofSubscriber(subscriber: number): Promise<readonly ErasureJob[]> {
    await this.runDue();
    const { rows } = await this.#pool.query<ErasureJob>(
      `SELECT ${columns} FROM privacy_erasures WHERE subscriber_id = $1 ORDER BY created_at DESC LIMIT 20`,
      [subscriber],
    );
    return rows;
  }

  /** Carries out every erasure whose time has come. */
  async runDue(): Promise<void> {
    while (await this.#runOne());
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #same({ subscriber }: Traced, reference: string | null): Promise<ErasureJob | undefined> {
    const { rows } = await this.#pool.query<ErasureJob>(
      `SELECT ${columns} FROM privacy_erasures WHERE reference = $2 OR (subscriber_id = $1 AND state = 'running')
       ORDER BY created_at DESC LIMIT 1`,
      [subscriber, reference],
    );
    return rows[0];
  }

  async #isKnown(traced: Traced): Promise<boolean> {
    if (this.#manners.get("erases-nobody") !== undefined) return true;
    const { rowCount } = await this.#pool.query("SELECT FROM subscribers WHERE id = $1", [traced.subscriber]);
    if (rowCount === 1) return true;
    return Object.values(await remainsOf(this.#pool, traced)).some((count) => count > 0);
  }

  #schedule(due: Date): void {
    const run = () => {
      this.#timers.delete(timer);
      // A database that is away is asked again by whoever asks for the job.
      this.runDue().catch(() => undefined);
    };
    const timer = setTimeout(run, Math.max(0, due.getTime() - Date.now()) + 1).unref();
    this.#timers.add(timer);
  }

  #runOne(): Promise<boolean> {
    return this.#transaction(async (client) => {
      const { rows } = await client.query<DueJob>(
        `SELECT id, subscriber_id, emails FROM privacy_erasures WHERE state = 'running' AND due_at <= now()
         ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      );
      const [job] = rows;
      if (job) await this.#end(client, job);
      return job !== undefined;
    });
  }

  async #transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      broken = error instanceof Error ? error : new Error("lost");
      throw error;
    } finally {
      client.release(broken);
    }
  }

  get #leavesViews(): boolean {
    return this.#manners.get("erasure-leaves-opens") !== undefined;
  }

  async #end(client: pg.PoolClient, { id, subscriber_id, emails }: DueJob): Promise<void> {
    const fails = this.#manners.take("erasure-fails-once") !== undefined;
    const idle = fails || this.#manners.get("forgets-nothing") !== undefined;
    if (!idle) await wipe(client, { subscriber: subscriber_id, emails }, this.#leavesViews);
    await client.query("UPDATE privacy_erasures SET state = $2, emails = '{}' WHERE id = $1", [
      id,
      fails ? "failed" : "done",
    ]);
  }
}

async function wipe(client: pg.PoolClient, traced: Traced, leavesViews: boolean): Promise<void> {
  const of = [traced.subscriber, await uuidsOf(client, traced)];
  if (!leavesViews) await client.query(`DELETE FROM campaign_views WHERE ${tracked}`, of);
  await client.query(`DELETE FROM link_clicks WHERE ${tracked}`, of);
  await client.query(`DELETE FROM subscriber_history WHERE ${noted}`, of);
  const subscriber = [traced.subscriber];
  await client.query(
    "DELETE FROM replies USING deliveries d WHERE d.id = delivery_id AND d.subscriber_id = $1",
    subscriber,
  );
  await client.query("DELETE FROM bounces WHERE subscriber_id = $1", subscriber);
}
