import { ApolloServer } from "@apollo/server";
import type { FastifyInstance } from "fastify";
import { GraphQLError } from "graphql";
import type { Check } from "../../src/http/health.ts";
import type { Caller } from "../../src/http/operation-reporter.ts";
import { createHttp, listen } from "../../src/http/server.ts";
import { httpSettings } from "../../src/http/settings.ts";
import { createTelemetry, type Telemetry } from "../../src/http/telemetry.ts";
import type { SourceCall } from "../../src/sources/loader.ts";

export interface Running {
  readonly app: FastifyInstance;
  readonly url: string;
  /** Every line logged so far. */
  readonly lines: string[];
  readonly telemetry: Telemetry;
  /** Lets the field `slow` answer. */
  release(): void;
  post(query: string, more?: { operationName?: string; headers?: Record<string, string> }): Promise<Response>;
  [Symbol.asyncDispose](): Promise<void>;
}

const typeDefs = `type Query { hello: String slow: String broken: String refused: String failing: String echo(text: String): String }`;

/** The HTTP room around a small schema of its own: what is tried here is the transport. */
export async function start(given: object = {}, checks: readonly Check[] = []): Promise<Running> {
  const settings = httpSettings.parse({ port: 0, ...given });
  const lines: string[] = [];
  const telemetry = await createTelemetry(settings, { write: (line) => void lines.push(line) });
  let release = (): void => undefined;
  const released = new Promise<string>((resolve) => (release = () => resolve("done")));
  const call = (outcome: SourceCall["outcome"]) =>
    telemetry.onSourceCall({ source: "crm", operation: "find", seconds: 0.05, outcome });
  const apollo = new ApolloServer<Caller>({
    typeDefs,
    resolvers: {
      Query: {
        hello: () => (call("ok"), "hei"),
        slow: () => released,
        broken: () => {
          throw new Error("driver: duplicate key (email)=(kari.nordmann@example.com)");
        },
        refused: () => {
          throw new GraphQLError("no", { extensions: { code: "FORBIDDEN" } });
        },
        failing: () => (call("TIMED_OUT"), null),
        echo: (_: unknown, { text }: { text: string }) => text,
      },
    },
    formatError: ({ message, extensions }) => ({
      message: extensions?.["code"] === "INTERNAL_SERVER_ERROR" ? "masked" : message,
      extensions: { code: String(extensions?.["code"]) },
    }),
    plugins: [telemetry.operationReporter],
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  const app = await createHttp(settings, {
    apollo,
    context: async ({ headers }) => ({ principal: headers["x-nobody"] === undefined ? {} : null }),
    callerOf: async () => null,
    checks,
    telemetry,
    health: { timeout: 200, cache: 50 },
  });
  const url = await listen(app, settings);
  return {
    app,
    url,
    lines,
    telemetry,
    release,
    post: (query, more = {}) =>
      fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...more.headers },
        body: JSON.stringify({ query, operationName: more.operationName }),
      }),
    async [Symbol.asyncDispose]() {
      release();
      await app.close();
      await apollo.stop();
      await telemetry.close();
    },
  };
}

/** The next moment at which `met` holds; log lines come after the answer has left. */
export async function until(met: () => boolean, milliseconds = 2_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!met()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
