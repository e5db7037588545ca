import { startChild, type Child } from "../../src/demo/process/parent.ts";
import { fillSystems } from "../../src/demo/systems/fill.ts";
import type { MailingSettings } from "../../src/demo/systems/mailing/process/settings.ts";
import { testDatabase } from "../setup/database.ts";

export interface TestMailing extends AsyncDisposable {
  readonly url: string;
  readonly databaseUrl: string;
  /** As the API user. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** The `data` of a search with the expression. */
  search(query: string, more?: Readonly<Record<string, string>>): Promise<Found>;
  admin(method: string, body?: object): Promise<Response>;
}

export interface Subscriber {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly [member: string]: unknown;
}
export interface Found {
  readonly results: readonly Subscriber[];
  readonly total: number;
}

export const today = new Date("2026-03-05T12:00:00Z");
export const credentials = { user: "gateway", token: "s3cret" };
const adminToken = "admin-s3cret";

/** The e-mail tool in a process of its own, over a database of its own with 60 persons. */
export async function startMailing(): Promise<TestMailing> {
  const database = await testDatabase();
  await fillSystems({ urls: { mailing: database.url }, persons: 60, today });
  const child = await startTool(database.url);
  const { url } = child.ready;
  const authorization = `Basic ${Buffer.from(`${credentials.user}:${credentials.token}`).toString("base64")}`;
  const api = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api${path}`, {
      ...init,
      headers: { authorization, ...init.headers },
    });
  return {
    url,
    databaseUrl: database.url,
    api,
    async search(query, more = {}) {
      const answer = await api(`/subscribers?${new URLSearchParams({ query, ...more })}`);
      const body = (await answer.json()) as { data: Found };
      return body.data;
    },
    admin: (method, body) =>
      fetch(`${url}/admin/manners`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
      }),
    async [Symbol.asyncDispose]() {
      await child.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Another process of the tool, over the database of one. */
export async function startAgain(databaseUrl: string): Promise<AsyncDisposable & { readonly url: string }> {
  const child = await startTool(databaseUrl);
  return { url: child.ready.url, [Symbol.asyncDispose]: () => child.stop() };
}

function startTool(databaseUrl: string): Promise<Child<{ url: string }>> {
  const entry = new URL("../../src/demo/systems/mailing/main.ts", import.meta.url);
  const settings: MailingSettings = { databaseUrl, port: 0, credentials, adminToken, erasureMs: 100 };
  return startChild(entry, settings);
}

export const byEmail = (email: string): string => `lower(subscribers.email) IN ('${email}')`;
