import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import pg from "pg";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { testDatabase } from "../setup/database.ts";
import {
  type Collections,
  type Fields,
  type Harness,
  type Manner,
  processor,
  type System,
} from "./harness.ts";
import { canaryAddress, type KeyType, SystemStore } from "./system.ts";

export interface SqlSystem extends System {
  readonly role: string;
  readonly readerUrl: string;
}

export const writtenColumns = "email, given, family, phone, restricted, changed";

/** A PostgreSQL database read by a role of its own, through a relay that counts statements. */
export const sqlHarness = {
  name: "sql",
  async make(keyType: KeyType): Promise<SqlSystem> {
    const database = await testDatabase();
    const store = await SystemStore.make(database.url, keyType);
    const role = `reader_${database.name}`;
    await store.pool.query(`create role ${role} login password 'reader';
      grant connect on database "${database.name}" to ${role}; grant usage on schema public to ${role};
      grant select on all tables in schema public to ${role}; grant update (${writtenColumns}) on person to ${role}`);
    const relay = await countingRelay(Number(new URL(database.url).port));
    const readerUrl = new URL(database.url);
    Object.assign(readerUrl, { username: role, password: "reader", port: String(relay.port) });
    const source = await createSqlSource("test", processor, mappingFor(readerUrl.href));
    const manners = new Manners(database.url, store, role);
    return {
      store,
      source,
      role,
      readerUrl: readerUrl.href,
      behave: (manner) => manners.set(manner),
      calls: relay.statements,
      async [Symbol.asyncDispose]() {
        await manners.set("polite");
        await source.close();
        await relay.close();
        await store.pool.query(`drop owned by ${role}; drop role ${role}`);
        await store.pool.end();
        await database[Symbol.asyncDispose]();
      },
    };
  },
} satisfies Harness;

export function mappingFor(url: string): SqlMapping<Fields, Collections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    pool: { max: 4, statementTimeout: 1_000 },
    person: {
      table: "person",
      key: "id",
      identifiers: [
        { kind: "EMAIL", column: "email", spellings: ["NFD", "DISPLAY_NAME", "PADDED"] },
        { kind: "EXTERNAL_ID", column: "external_id" },
      ],
      fields: {
        email: "email",
        name: { columns: ["given", "family"], separator: " " },
        phone: "phone",
        born: { column: "born", as: "date" },
        weight: { column: "weight", as: "decimal" },
        device: { column: "settings", member: ["device", "name"] },
        unheld: null,
      },
      other: [{ name: "external", column: "external_id", category: "TECHNICAL" }],
      notPersonal: { password: "a credential", restricted: "a mark that the tests read for themselves" },
      updatedAt: "changed",
      writes: {
        fields: {
          email: { kind: "EMAIL" },
          name: { kind: "TEXT", maxLength: 60 },
          phone: { kind: "PHONE", form: "NATIONAL_GROUPED" },
        },
        touched: [{ column: "changed", as: "moment" }],
        restriction: { column: "restricted", on: true, off: false },
        snapshots: [{ collection: "tags", repeats: ["name"] }],
      },
    },
    collections: {
      letters: {
        table: "letter",
        key: "id",
        parent: "person_id",
        order: { column: "sent", direction: "desc", nullable: true },
        joins: [{ table: "subject", alias: "subject", on: ["kind", "id"] }],
        fields: { sent: "sent", subject: "subject.title", opened: "opened", ip: "ip" },
      },
      "letters.clicks": { table: "click", key: "id", parent: "letter_id", fields: { url: "url" } },
      tags: {
        table: "tag",
        key: "id",
        parent: "person_id",
        fields: { label: "label", since: { column: "since", as: "epochSeconds" } },
      },
    },
    canary: { kind: "EMAIL", value: canaryAddress },
  };
}

class Manners {
  readonly #store: SystemStore;
  readonly #role: string;
  readonly #server: string;
  readonly #database: string;
  #locker: pg.PoolClient | undefined;

  constructor(url: string, store: SystemStore, role: string) {
    this.#store = store;
    this.#role = role;
    const server = new URL(url);
    this.#database = server.pathname.slice(1);
    this.#server = Object.assign(server, { pathname: "/postgres" }).href;
  }

  async set(manner: Manner): Promise<void> {
    await this.#administer(`alter database "${this.#database}" allow_connections true`);
    await this.#locker?.query("rollback");
    this.#locker?.release();
    this.#locker = undefined;
    await this.#store.pool.query("alter table person disable row level security");
    if (manner === "blind") await this.#store.pool.query("alter table person enable row level security");
    if (manner === "slow") {
      this.#locker = await this.#store.pool.connect();
      await this.#locker.query("begin; lock table person in access exclusive mode");
    }
    if (manner === "down") {
      await this.#administer(`alter database "${this.#database}" allow_connections false`);
      await this.#administer(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${this.#role}'`,
      );
    }
  }

  async #administer(statement: string): Promise<void> {
    const client = new pg.Client(this.#server);
    await client.connect();
    await client.query(statement);
    await client.end();
  }
}

/** Passes bytes on, and counts the statements that clients send (Parse, 'P', of the extended protocol). */
async function countingRelay(serverPort: number) {
  let statements = 0;
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    const server = connect(serverPort, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => [client, server].forEach((s) => s.destroy()));
    }
    // The start-up message has no type byte.
    let buffered = Buffer.alloc(0);
    let typed = 0;
    client.on("data", (chunk: Buffer) => {
      server.write(chunk);
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= typed + 4) {
        const length = typed + buffered.readInt32BE(typed);
        if (buffered.length < length) break;
        if (typed === 1 && buffered[0] === "P".charCodeAt(0)) statements++;
        buffered = buffered.subarray(length);
        typed = 1;
      }
    });
    server.on("data", (chunk: Buffer) => client.write(chunk));
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  return {
    port: (relay.address() as AddressInfo).port,
    statements: () => statements,
    async close() {
      relay.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
