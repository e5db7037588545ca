import { connect, createServer, type Server, type Socket } from "node:net";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore, type Store } from "../../src/store/store.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";

const timeLimit = 400;

/** Stands between the store and its database, and can stop to pass anything on without closing a connection. */
interface Line extends AsyncDisposable {
  readonly url: string;
  silent(is: boolean): void;
}

async function lineTo(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let silent = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    if (silent) socket.pause();
  };
  const server: Server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.on("data", (data) => far.write(data)).on("close", () => far.destroy());
    far.on("data", (data) => near.write(data)).on("close", () => near.destroy());
    keep(near);
    keep(far);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the line has no port");
  const through = new URL(url);
  through.host = `127.0.0.1:${address.port}`;
  return {
    url: through.href,
    silent(is) {
      silent = is;
      for (const socket of sockets) socket[is ? "pause" : "resume"]();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

let database: TestDatabase;
let line: Line;
let store: Store;
let blocker: pg.Client;
beforeAll(async () => {
  database = await testDatabase("gateway");
  line = await lineTo(database.url);
  store = await openStore({ url: line.url, poolSize: 2, timeLimit });
  blocker = new pg.Client({ connectionString: database.url });
  await blocker.connect();
});
afterAll(async () => {
  await blocker.end();
  await store.close(true);
  await line[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const read = () => dbOf(store).selectFrom("subject").select("id").execute();
const write = () =>
  inTransaction(store, async (db) => {
    await sql`select 1`.execute(db);
    await db.deleteFrom("match_review").where("source", "=", "nothing").execute();
    await db.selectFrom("subject").select("id").execute();
  });

async function outcomes(works: readonly (() => Promise<unknown>)[]) {
  const started = performance.now();
  const settled = await Promise.allSettled(works.map((work) => work()));
  return { states: settled.map(({ status }) => status), milliseconds: performance.now() - started };
}
/** More at once than there are connections: some only wait for one. */
const many = () => Array.from({ length: 6 }, (_, n) => (n % 2 === 0 ? read : write));
const all = (state: string) => many().map(() => state);

test("a table that somebody holds locked is waited for no longer than the limit", async () => {
  await blocker.query("begin; lock table subject in access exclusive mode");
  try {
    const { states, milliseconds } = await outcomes(many());
    expect(states).toEqual(all("rejected"));
    expect(milliseconds).toBeLessThan(10 * timeLimit);
  } finally {
    await blocker.query("rollback");
  }
  expect((await outcomes(many())).states).toEqual(all("fulfilled"));
});

test("nor is a database that has fallen silent, and connections that waited for it are not used again", async () => {
  await read();
  line.silent(true);
  const { states, milliseconds } = await outcomes(many());
  line.silent(false);
  expect(states).toEqual(all("rejected"));
  expect(milliseconds).toBeLessThan(20 * timeLimit);
  expect((await outcomes(many())).states).toEqual(all("fulfilled"));
});
