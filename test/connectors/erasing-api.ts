import type { IncomingMessage } from "node:http";
import type { ErasedType, ErasingJob, RestErasures } from "../../src/connectors/rest/erasure-mapping.ts";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import type { ErasableSource } from "../../src/sources/erasures.ts";
import { type Collections, processor } from "./harness.ts";
import { mappingFor, type RestSystem } from "./rest-harness.ts";

interface Job {
  readonly id: string;
  state: string;
  readonly person: string;
  readonly reference: string | null;
}

/** How the API deletes; `batch`: letters at most in one call. `soft`: people are gone by key and found by address. */
export interface Deleting {
  batch: number;
  soft: boolean;
  /** What becomes of a job that is polled. */
  job: string;
  wipes: boolean;
}

/** What a vendor's API offers to erase by, beside what `RestServer` answers; the canary has traces too. */
export class ErasingApi {
  readonly #system: RestSystem;
  readonly deleting: Deleting = { batch: 1_000_000, soft: false, job: "done", wipes: true };
  readonly jobs: Job[] = [];

  private constructor(system: RestSystem) {
    this.#system = system;
    system.server.extension = (request, url) => this.#answer(request, url);
  }

  static async make(system: RestSystem): Promise<ErasingApi> {
    await system.store.pool.query(
      `create table trace (person_id text, email text, ip text);
       insert into trace select id::text, email, '192.0.2.1' from person`,
    );
    return new ErasingApi(system);
  }

  /** As `store.person`, with letters, a tag and a trace. */
  async person(email: string, letters = 2): Promise<string> {
    const { store } = this.#system;
    const key = await store.person({ email });
    await store.letters(
      key,
      Array.from({ length: letters }, (_, n) => new Date(1.7e12 + n).toISOString()),
    );
    await store.tag(key, "one");
    await this.trace(key, email);
    return key;
  }

  async trace(key: string, email: string): Promise<void> {
    await this.#system.store.pool.query("insert into trace values ($1, $2, '192.0.2.9')", [key, email]);
  }

  /** Rows of a person by table. */
  async left(key: string): Promise<object> {
    const { rows } = await this.#system.store.pool.query<object>(
      `select (select count(*)::int from person where id::text = $1) as person,
         (select count(*)::int from letter where person_id::text = $1) as letter,
         (select count(*)::int from tag where person_id::text = $1) as tag,
         (select count(*)::int from trace where person_id = $1) as trace`,
      [key],
    );
    return rows[0] ?? {};
  }

  async #answer(request: IncomingMessage, { pathname, searchParams }: URL): Promise<object | undefined> {
    const [, , root, key = "", list] = pathname.split("/").map(decodeURIComponent);
    const { method } = request;
    if (root === "traces") return { data: { count: await this.#traces(searchParams) } };
    if (root === "addresses") return this.#wipe(request);
    if (root === "erasures" && method === "POST") return this.#start(request);
    if (root === "erasures") return this.#job(key, searchParams);
    if (root === "everybody") return this.#everybody(searchParams);
    if (method !== "DELETE") return undefined;
    if (root === "letters") return this.#delete("delete from letter where id::text = $1", [key]);
    if (list === "tags") return this.#delete("delete from tag where person_id::text = $1", [key]);
    if (list === "letters") {
      return this.#delete(
        "delete from letter where id in (select id from letter where person_id::text = $1 limit $2)",
        [key, this.deleting.batch],
      );
    }
    const soft = "update person set external_id = 'deleted' where id::text = $1";
    return this.#delete(this.deleting.soft ? soft : "delete from person where id::text = $1", [key]);
  }

  /** Says yes whatever there was. */
  async #delete(statement: string, values: unknown[]): Promise<object> {
    await this.#system.store.pool.query(statement, values);
    return { data: true };
  }

  /** Everybody's, where nobody is asked for. */
  async #traces(query: URLSearchParams): Promise<number | null> {
    const { rowCount } = await this.#system.store.pool.query(
      "select from trace where person_id = any($1) or lower(email) = any($2) or $3",
      [query.getAll("person"), query.getAll("email"), query.size === 0],
    );
    return rowCount;
  }

  /** Of nobody's record. */
  async #wipe(request: IncomingMessage): Promise<object> {
    const { emails } = JSON.parse((await request.toArray()).join("")) as { emails: string[] };
    if (!this.deleting.wipes) return { data: true };
    return this.#delete("delete from trace where person_id = '' and lower(email) = any($1)", [emails]);
  }

  async #start(request: IncomingMessage): Promise<object> {
    const { person } = JSON.parse((await request.toArray()).join("")) as { person: string };
    const reference = request.headers["idempotency-key"]?.toString() ?? null;
    const known = this.jobs.find((job) => job.reference === reference);
    const job = known ?? { id: `job ${this.jobs.length}/?`, state: "running", person, reference };
    if (!known) this.jobs.unshift(job);
    return { status: 202, data: job };
  }

  async #job(id: string, query: URLSearchParams): Promise<object> {
    const person = query.get("person");
    if (person !== null) return { data: this.jobs.filter((job) => job.person === person) };
    const job = this.jobs.find((each) => each.id === id);
    if (!job) return { status: 404 };
    if (job.state === "running") job.state = this.deleting.job;
    if (job.state === "done" && this.deleting.wipes)
      await this.#delete("delete from trace where person_id = $1", [job.person]);
    return { data: job };
  }

  async #everybody(query: URLSearchParams): Promise<object> {
    const [size, page] = [Number(query.get("size")), Number(query.get("page") ?? 1)];
    const { rows } = await this.#system.store.pool.query<object>(
      `select id, email, external_id as external, restricted from person where id > $1 order by id limit $2 offset $3`,
      [Number(query.get("after") ?? 0), size, (page - 1) * size],
    );
    const { rowCount } = await this.#system.store.pool.query("select from person");
    return { data: { results: rows, total: rowCount } };
  }
}

type Listed = "letters" | "tags";

export const wiping = {
  withoutRecord: {
    method: "POST",
    path: "/addresses/wipe",
    body: ({ identifiers }) => ({ emails: identifiers.map(({ value }) => value) }),
  },
  job: {
    start: {
      method: "POST",
      path: "/erasures",
      body: ({ recordKey }) => ({ person: recordKey }),
    },
    key: "data.id",
    status: {
      path: "/erasures/{job}",
      state: "data.state",
      running: ["running"],
      done: ["done"],
      failed: ["failed"],
    },
    find: {
      path: "/erasures",
      parameters: { person: "{key}" },
      results: "data",
      key: "id",
      reference: "reference",
    },
    askAgainAfter: 7,
  },
} as const satisfies ErasingJob;

const deletes = (path: string) => ({ method: "DELETE", path }) as const;

export const listing = {
  path: "/everybody",
  results: "data.results",
  size: "size",
  limit: 10,
  total: "data.total",
  after: { parameter: "after" },
} as const;

const types = {
  letters: { recordType: "letters", manner: "ERASE", by: { call: deletes("/people/{key}/letters") } },
  tags: { recordType: "tags", manner: "ERASE", by: { call: deletes("/people/{key}/tags") } },
  traces: {
    recordType: "traces",
    manner: "ERASE",
    places: [
      {
        path: "/traces",
        asks: { key: "person", EMAIL: "email" },
        counts: { opens: "data.count" },
        by: wiping,
      },
    ],
  },
  record: {
    recordType: "record",
    manner: "ERASE",
    by: { call: deletes("/people/{key}"), alsoTakes: ["letters"] },
  },
} as const satisfies Record<string, ErasedType<Listed>>;

export const byRow = { eachRow: deletes("/letters/{row}") } as const;

export type Changes = { readonly [T in keyof typeof types]?: Partial<ErasedType<Listed>> };

export function erasesWith(changes: Changes = {}): RestErasures<Listed> {
  return {
    types: Object.entries(types).map(([name, type]): ErasedType<Listed> => ({
      ...type,
      ...changes[name as keyof Changes],
    })),
    listing,
  };
}

export function erasingSource(
  url: string,
  erasures: RestErasures<Exclude<keyof Collections, "letters.clicks">>,
): ErasableSource {
  return createRestSource("test", processor, { ...mappingFor(url), erasures });
}
