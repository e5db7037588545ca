import { createRequire } from "node:module";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import type { GraphQLSchema } from "graphql";
import { applyMiddleware } from "graphql-middleware";
import type * as Shield from "graphql-shield";
import { runChild } from "../src/demo/process/child.ts";
import { fieldsOf } from "../src/access/inventory.ts";
import { Purpose } from "../src/access/vocabulary.ts";
import type { GatewayContext } from "../src/graphql/context.ts";
import type { Policies } from "../src/graphql/policies.ts";
import type { Subject } from "../src/sources/data-subject.ts";
import { built } from "./built.ts";
import { gatewayConfig } from "./gateway-config.ts";
import type { ServerSettings } from "./settings.ts";

const { rule, shield, deny }: typeof Shield = createRequire(import.meta.url)("graphql-shield");
const { permits } = await built<typeof import("../src/graphql/policies.ts")>("graphql/policies");

type Context = Pick<GatewayContext, "principal" | "self" | "sources" | "requestId">;

/** (c) The gateway's schema, sources, sign-in and audit entry, but Apollo as it comes and a shield rule on every field. */
runChild(async (settings: ServerSettings) => {
  const { unguarded } = await built<typeof import("../src/graphql/schema.ts")>("graphql/schema");
  const parts = await openParts(settings);
  const { schema, policies } = unguarded();
  const server = new ApolloServer<Context>({
    // Generated here: shield and graphql-middleware load different builds of the class that would tell.
    schema: applyMiddleware(
      schema,
      shield(ruleOfEveryField(schema, policies), { fallbackRule: deny, allowExternalErrors: true }).generate(
        schema,
      ),
    ),
    plugins: [
      {
        requestDidStart: async () => ({ willSendResponse: ({ contextValue }) => parts.record(contextValue) }),
      },
    ],
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: "127.0.0.1" },
    context: ({ req }) => parts.context(req.headers.authorization),
  });
  const close = async () => {
    await server.stop();
    await parts.close();
  };
  return { ready: { url }, close };
});

/** The gateway's decision, which it takes once per operation, taken at each field: as test/access/oracle.ts has it. */
function ruleOfEveryField(schema: GraphQLSchema, policies: Policies) {
  const rules: Record<string, Record<string, ReturnType<ReturnType<typeof rule>>>> = {};
  for (const { type, field, coordinate } of fieldsOf(schema)) {
    const policy = policies.get(coordinate);
    const decide = async (parent: unknown, _args: unknown, { principal, self }: Context) => {
      const capacity = principal && { roles: principal.roles, purpose: Purpose.DATA_SUBJECT_RIGHTS };
      if (policy === undefined || !permits(policy, principal !== null, capacity)) return false;
      return type.name !== "DataSubject" || (await self())?.id === (parent as Subject).id;
    };
    (rules[type.name] ??= {})[field.name] = rule()(decide);
  }
  return rules;
}

async function openParts({ audit, ...settings }: ServerSettings) {
  const { createAuthenticator } =
    await built<typeof import("../src/http/authentication.ts")>("http/authentication");
  const { createAuditTrail } = await built<typeof import("../src/audit/trail.ts")>("audit/trail");
  const { createSources } = await built<typeof import("../src/connectors/sources.ts")>("connectors/sources");
  const { createSourceReader } = await built<typeof import("../src/sources/loader.ts")>("sources/loader");
  const { keyedHash } = await built<typeof import("../src/store/keyed-hash.ts")>("store/keyed-hash");
  const { openStore } = await built<typeof import("../src/store/store.ts")>("store/store");
  const { createPeople } = await built<typeof import("../src/subjects/people.ts")>("subjects/people");
  const config = await gatewayConfig(settings);
  const store = await openStore({ url: settings.databaseUrl });
  const trail = createAuditTrail(store);
  const sources = await createSources(config.sources);
  const { authenticate } = createAuthenticator(config.identity);
  const findPerson = createPeople(store, keyedHash(new Uint8Array(settings.masterKey), "sign-in"));
  let requests = 0;
  return {
    async context(authorization: string | undefined): Promise<Context> {
      const principal = await authenticate(authorization);
      let self: ReturnType<Context["self"]> | undefined;
      return {
        principal,
        requestId: `shield-${++requests}`,
        sources: createSourceReader(sources),
        self: () => (self ??= principal === null ? Promise.resolve(null) : findPerson(principal)),
      };
    },
    async record({ requestId, self }: Context): Promise<void> {
      const subject = await self();
      if (subject === null) return;
      const look = { event: "READ", actorRole: "SUBJECT", purpose: "DATA_SUBJECT_RIGHTS" } as const;
      await trail.record({ ...look, ...audit, requestId, subjectRef: subject.id });
    },
    async close(): Promise<void> {
      await Promise.all([...sources.values()].map((source) => source.close()));
      await store.close(true);
    },
  };
}
