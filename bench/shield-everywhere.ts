import { createRequire } from "node:module";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import type { GraphQLSchema } from "graphql";
import { applyMiddleware } from "graphql-middleware";
import type * as Shield from "graphql-shield";
import { runChild } from "../src/demo/process/child.ts";
import { fieldsOf } from "../src/access/inventory.ts";
import { Purpose } from "../src/access/vocabulary.ts";
import type { createCallers } from "../src/graphql/caller.ts";
import type { GatewayContext } from "../src/graphql/context.ts";
import type { Policies } from "../src/graphql/policies.ts";
import type { Subject } from "../src/sources/data-subject.ts";
import { built } from "./built.ts";
import { gatewayConfig } from "./gateway-config.ts";
import type { ServerSettings } from "./settings.ts";

const { rule, shield, deny }: typeof Shield = createRequire(import.meta.url)("graphql-shield");
const { permits } = await built<typeof import("../src/graphql/policies.ts")>("graphql/policies");

type Context = ReturnType<ReturnType<typeof createCallers>> &
  Pick<GatewayContext, "principal" | "sources" | "requestId">;

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
      if (policy === undefined || !permits(policy, principal?.roles ?? null, capacity)) return false;
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
  const { openKeyring } = await built<typeof import("../src/store/keyring.ts")>("store/keyring");
  const { fixedMasterKeys } = await built<typeof import("../src/store/master-keys.ts")>("store/master-keys");
  const { createPersonKeys } = await built<typeof import("../src/store/person-keys.ts")>("store/person-keys");
  const { openStore } = await built<typeof import("../src/store/store.ts")>("store/store");
  const { createCallers } = await built<typeof import("../src/graphql/caller.ts")>("graphql/caller");
  const config = await gatewayConfig(settings);
  const store = await openStore({ url: settings.databaseUrl });
  const masterKeys = fixedMasterKeys(settings.masterKey);
  const keyring = await openKeyring(store, masterKeys);
  const trail = createAuditTrail(store, { key: keyring.key("audit") });
  const sources = await createSources(config.sources);
  const { authenticate } = createAuthenticator(config.identity);
  const { createInTurn } = await built<typeof import("../src/subjects/in-turn.ts")>("subjects/in-turn");
  const { createMatchings } =
    await built<typeof import("../src/subjects/matchings.ts")>("subjects/matchings");
  const { createPeople } = await built<typeof import("../src/subjects/people.ts")>("subjects/people");
  const { knownRequests } = await built<typeof import("../src/requests/known.ts")>("requests/known");
  const { receiptKey } = await built<typeof import("../src/requests/receipt-key.ts")>("requests/receipt-key");
  const register = { store, keyring, personKeys: createPersonKeys(masterKeys) };
  const people = createPeople(register);
  const refuse = () => Promise.reject(new Error("only reads are measured"));
  const callers = createCallers({
    register,
    people,
    matchings: createMatchings(register, people, []),
    inTurn: createInTurn(),
    newRequests: () => ({
      ...knownRequests(register),
      register,
      newReader: () => createSourceReader(sources),
      erasable: new Map(),
      planned: new Map(),
      erasure: config.erasure,
      exports: config.exports,
      shown: { types: [], page: refuse },
      download: async () => null,
      digest: () => "",
      receiptKey: receiptKey(register),
      attempts: 1,
      recorded: refuse,
      retention: { byId: async () => null, open: refuse, approve: refuse },
      open: refuse,
      change: refuse,
      acceptRelationship: refuse,
      identityCodes: { settings: config.identityCodes, canBeSent: false },
      confirmByCode: refuse,
      notConfirmedBySignIn: refuse,
      settled: refuse,
      follow: async function* () {},
    }),
    connected: [],
    labelled: [],
    searches: config.searches,
    trail,
    onStaff: { search: () => undefined, refusal: () => undefined, entity: () => undefined },
    employeeNames: config.accessLog.employeeNames,
  });
  let requests = 0;
  return {
    async context(authorization: string | undefined): Promise<Context> {
      const principal = await authenticate(authorization);
      const reader = createSourceReader(sources);
      const requestId = `shield-${++requests}`;
      return { principal, requestId, sources: reader, ...callers(principal, reader, requestId) };
    },
    async record({ requestId, self }: Context): Promise<void> {
      const subject = await self();
      if (subject === null) return;
      await trail.record({
        event: "READ",
        actorRole: "SUBJECT",
        actorRef: null,
        actorName: null,
        subjectRef: subject.id,
        purpose: "DATA_SUBJECT_RIGHTS",
        requestId,
        ...audit,
        detail: null,
      });
    },
    async close(): Promise<void> {
      await trail.close();
      await Promise.all([...sources.values()].map((source) => source.close()));
      await store.close(true);
    },
  };
}
