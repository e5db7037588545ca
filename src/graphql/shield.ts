import { createRequire } from "node:module";
import type { GraphQLSchema } from "graphql";
import { applyMiddleware, type IMiddlewareGenerator } from "graphql-middleware";
import type * as Shield from "graphql-shield";
import type { GatewayContext } from "./context.ts";
import type { Subject } from "../sources/data-subject.ts";
import { fault } from "./faults.ts";

// Its ES modules call a function that Node 23 removed; the CommonJS build does not.
const { allow, deny, rule, shield }: typeof Shield = createRequire(import.meta.url)("graphql-shield");

type Rule = ReturnType<ReturnType<typeof rule>> | typeof allow | typeof deny;

/** `contextual` caching has given one person's verdict to another. */
const decided = (
  decide: (parent: unknown, context: GatewayContext) => true | Error | Promise<true | Error>,
): Rule =>
  rule({ cache: "no_cache" })((parent: unknown, _args: unknown, context: GatewayContext) =>
    decide(parent, context),
  );

const signedIn = decided((_parent, { principal }) => principal !== null || fault("UNAUTHENTICATED"));

/** A branch of a person opens to that person alone. */
const ownPerson = decided(async (parent, { principal, self }) => {
  if (principal === null) return fault("UNAUTHENTICATED");
  const own = principal.roles.has("SUBJECT") ? await self() : null;
  return (own !== null && own.id === (parent as Subject).id) || fault("FORBIDDEN");
});

/** Who may enter each root field; one that is not here is refused. */
const rootRules: Readonly<Record<string, Rule>> = {
  "Query.me": signedIn,
  "Query.controller": allow,
  "Query.privacyPolicy": allow,
};

const guardedTypes = ["Query", "Mutation", "DataSubject"] as const;

/** Wraps the object-level fields alone: leaves are decided by the operation check, once per operation. */
export function guardObjects(schema: GraphQLSchema): GraphQLSchema {
  const rules: Record<string, Record<string, Rule>> = {};
  for (const name of guardedTypes) {
    const type = schema.getType(name);
    if (!type || !("getFields" in type)) continue;
    rules[name] = Object.fromEntries(
      Object.keys(type.getFields()).map((field) => [
        field,
        name === "DataSubject" ? ownPerson : (rootRules[`${name}.${field}`] ?? deny),
      ]),
    );
  }
  return applyMiddleware(schema, onlyFor(schema, rules));
}

/** shield would put its fallback rule on every field of every type; here only the named types are wrapped. */
function onlyFor(schema: GraphQLSchema, rules: Readonly<Record<string, Record<string, Rule>>>) {
  const generator: IMiddlewareGenerator<unknown, GatewayContext, unknown> = shield(rules, {
    fallbackRule: deny,
    allowExternalErrors: true,
  });
  const middleware = generator.generate(schema);
  return Object.fromEntries(Object.entries(middleware).filter(([type]) => Object.hasOwn(rules, type)));
}
