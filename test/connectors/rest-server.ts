import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { SystemStore } from "./system.ts";

/** Answers in place of the polite one; nothing: the polite one after all. */
export type BadManner = (
  request: IncomingMessage,
  response: ServerResponse,
  polite: () => Promise<object>,
) => unknown;

/**
 * A vendor's HTTP API over `SystemStore`. Like some real ones it puts the caller's filter into its SQL as it comes:
 * what breaks out of a literal does harm here.
 */
export class RestServer {
  readonly #store: SystemStore;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    this.calls++;
    void this.#answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  #port = 0;
  calls = 0;
  manner: BadManner | undefined;
  /** Answers what the rest of the API does not know; undefined: the rest does. */
  extension: ((request: IncomingMessage, url: URL) => Promise<object | undefined>) | undefined;

  constructor(store: SystemStore) {
    this.#store = store;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== "Bearer secret-token") {
      response.writeHead(200, { "content-type": "application/json" }).end('{"error":"bad token"}');
      return;
    }
    const url = new URL(request.url ?? "", "http://localhost");
    const polite = async () =>
      (await this.extension?.(request, url)) ??
      (await (request.method === "GET" ? this.#polite(url) : this.#change(url, request)));
    await this.manner?.(request, response, polite);
    if (response.headersSent || response.destroyed) return;
    const answer: object = await polite().catch((error: unknown) => ({ error: String(error) }));
    const status = "status" in answer ? Number(answer.status) : 200;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  async #polite({ pathname, searchParams: query }: URL): Promise<object> {
    const [, , , key, list] = pathname.split("/").map(decodeURIComponent);
    if (key === undefined) return { data: await this.#search(query) };
    if (list === "letters") {
      const letters = await this.#letters(key, query);
      return letters ? { data: letters } : { status: 400 };
    }
    const [person] = await this.#people("id::text = $1", [key]);
    return person ? { data: person } : { status: 404 };
  }

  /** As many APIs do, it says of a value that the database refuses that the request was bad. */
  async #change({ pathname }: URL, request: IncomingMessage): Promise<object> {
    const key = decodeURIComponent(pathname.split("/")[3] ?? "");
    const change = JSON.parse((await request.toArray()).join("")) as Record<string, string | boolean>;
    const columns = Object.keys(change).map((name, at) => `${name} = $${at + 2}`);
    try {
      const { rowCount } = await this.#store.pool.query(
        `update person set ${columns.join(", ")}, changed = now() where id::text = $1`,
        [key, ...Object.values(change)],
      );
      return rowCount === 0 ? { status: 404 } : { data: true };
    } catch {
      return { status: 422, error: "not taken" };
    }
  }

  async #search(query: URLSearchParams) {
    const all = await this.#people(query.get("filter") ?? "false", []);
    const [page, size] = [Number(query.get("page")), Number(query.get("size"))];
    return { results: all.slice((page - 1) * size, page * size), total: all.length };
  }

  async #people(filter: string, values: unknown[]): Promise<object[]> {
    const { rows } = await this.#store.pool.query<{ person: object }>(
      `select jsonb_build_object('id', id, 'email', email, 'external', external_id, 'name', given || ' ' || family,
         'phone', phone, 'restricted', restricted, 'born', born, 'weight', weight::text, 'settings', settings, 'changed', changed, 'password', false,
         'tags', (select coalesce(jsonb_agg(jsonb_build_object('label', label, 'since', since)), '[]')
                  from tag where person_id = person.id)) as person
       from person where ${filter} order by id`,
      values,
    );
    return rows.map(({ person }) => person);
  }

  async #letters(person: string, query: URLSearchParams) {
    const after = query.get("after");
    const position = after === null ? null : positionOf(after);
    if (position === undefined) return undefined;
    // The most that this API gives at once.
    const size = Math.min(Number(query.get("size")), 50);
    const { rows } = await this.#store.pool.query<{ letter: object }>(
      `select jsonb_build_object('id', letter.id, 'sent', sent, 'subject', jsonb_build_object('title', title),
         'opened', opened, 'ip', host(ip), 'position', coalesce(sent::text, 'null') || ' ' || letter.id,
         'clicks', (select coalesce(jsonb_agg(jsonb_build_object('url', url)), '[]') from click where letter_id = letter.id)
         ) as letter
       from letter join subject on subject.id = letter.kind
       where person_id::text = $1 and ($2::text is null or case when $3::timestamptz is null
         then sent is null and letter.id::text::bigint < $2::bigint
         else sent is null or (sent, letter.id::text::bigint) < ($3, $2::bigint) end)
       order by sent desc nulls last, letter.id desc limit $4`,
      [person, position?.key ?? null, position?.sent ?? null, size],
    );
    const total = await this.#store.pool.query("select from letter where person_id::text = $1", [person]);
    return { results: rows.map(({ letter }) => letter), total: total.rowCount };
  }
}

function positionOf(text: string): { sent: string | null; key: string } | undefined {
  const [, sent, key] = /^(null|-?infinity|\d{4}-\d\d-\d\d [\d:.+]+) (\d{1,18})$/.exec(text) ?? [];
  return sent && key ? { sent: sent === "null" ? null : sent, key } : undefined;
}

export const slow: BadManner = () => delay(3_000);
