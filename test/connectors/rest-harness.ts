import { at } from "../../src/connectors/rest/json.ts";
import type { RestMapping } from "../../src/connectors/rest/mapping.ts";
import { createRestSource } from "../../src/connectors/rest/source.ts";
import { testDatabase } from "../setup/database.ts";
import {
  type Collections,
  type Fields,
  type Harness,
  type Manner,
  processor,
  type System,
} from "./harness.ts";
import { RestServer, slow } from "./rest-server.ts";
import { canaryAddress, type KeyType, SystemStore } from "./system.ts";

export interface RestSystem extends System {
  readonly server: RestServer;
}

/** A real HTTP server over a real database. */
export const restHarness = {
  name: "rest",
  async make(keyType: KeyType): Promise<RestSystem> {
    const database = await testDatabase();
    const store = await SystemStore.make(database.url, keyType);
    const server = new RestServer(store);
    await server.listen();
    const source = createRestSource("test", processor, mappingFor(server.url));
    return {
      store,
      server,
      source,
      behave: (manner) => behave(server, manner),
      calls: () => server.calls,
      async [Symbol.asyncDispose]() {
        await source.close();
        await server.stop();
        await store.pool.end();
        await database[Symbol.asyncDispose]();
      },
    };
  },
} satisfies Harness;

async function behave(server: RestServer, manner: Manner): Promise<void> {
  server.manner = undefined;
  if (manner === "down") return server.stop();
  await server.stop();
  await server.listen();
  if (manner === "slow") server.manner = slow;
  if (manner === "blind") {
    server.manner = (_, response) => response.end('{"data":{"results":[],"total":0}}');
  }
}

export function mappingFor(baseUrl: string): RestMapping<Fields, Collections> {
  return {
    connector: "rest",
    baseUrl,
    authentication: { scheme: "bearer", token: "secret-token" },
    success: { failedIf: [{ path: "error" }] },
    find: {
      path: "/people",
      filter: {
        parameter: "filter",
        dialect: "sql",
        write: (kind, quoted) => {
          if (kind === "EMAIL") return `lower(email) in (${quoted.join(", ")})`;
          return kind === "EXTERNAL_ID" ? `external_id in (${quoted.join(", ")})` : null;
        },
      },
      spellings: ["NFD"],
      results: "data.results",
      paging: { page: "page", size: "size", limit: 200, total: "data.total" },
    },
    record: { path: "/people/{key}", result: "data" },
    person: {
      key: "id",
      identifiers: [
        { kind: "EMAIL", path: "email" },
        { kind: "EXTERNAL_ID", path: "external" },
      ],
      fields: {
        email: "email",
        name: "name",
        phone: "phone",
        born: { path: "born", as: "date" },
        weight: { path: "weight", as: "decimal" },
        device: "settings.device.name",
        unheld: null,
      },
      other: [{ name: "external", path: "external", category: "TECHNICAL" }],
      notPersonal: { password: "a credential", restricted: "a mark that the tests read for themselves" },
      updatedAt: "changed",
    },
    collections: {
      letters: {
        path: "/people/{key}/letters",
        results: "data.results",
        key: "id",
        size: "size",
        limit: 50,
        after: { parameter: "after", path: "position" },
        total: "data.total",
        fields: {
          sent: { path: "sent", as: "moment" },
          subject: "subject.title",
          opened: "opened",
          ip: "ip",
        },
      },
      "letters.clicks": { embedded: "clicks", fields: { url: "url" } },
      tags: { embedded: "tags", fields: { label: "label", since: { path: "since", as: "epochSeconds" } } },
    },
    canary: { kind: "EMAIL", value: canaryAddress },
    writes: {
      fields: {
        email: { kind: "EMAIL", call: patch((email) => ({ email })) },
        name: {
          kind: "TEXT",
          maxLength: 60,
          call: patch((name) => ({
            given: name.slice(0, name.lastIndexOf(" ")),
            family: name.slice(name.lastIndexOf(" ") + 1),
          })),
        },
        phone: { kind: "PHONE", form: "NATIONAL_GROUPED", call: patch((phone) => ({ phone })) },
      },
      snapshots: [{ collection: "tags", repeats: ["name"] }],
      restriction: {
        isOn: (record) => at(record, "restricted") === true,
        on: patch(() => ({ restricted: true })),
        off: patch(() => ({ restricted: false })),
      },
      idempotencyHeader: "idempotency-key",
    },
  };
}

const patch = <Given>(body: (given: Given) => unknown) =>
  ({ method: "PATCH", path: "/people/{key}", body }) as const;
