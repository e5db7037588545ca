import { createRequire } from "node:module";
import { MapperKind, mapSchema } from "@graphql-tools/utils";
import { GraphQLList, type GraphQLOutputType, type GraphQLSchema, isListType, isNonNullType } from "graphql";
import { applyMiddleware, type IMiddlewareGenerator } from "graphql-middleware";
import type * as Shield from "graphql-shield";
import { fieldsOf } from "../../src/access/inventory.ts";
import type { Purpose } from "../../src/access/vocabulary.ts";
import type { GatewayContext } from "../../src/graphql/context.ts";
import type { Subject } from "../../src/sources/data-subject.ts";
import type { Reference, Said } from "./reference.ts";

const { rule, shield }: typeof Shield = createRequire(import.meta.url)("graphql-shield");

/** The caller's capacity and the person's word, which the oracle is told and the gateway works out. */
export interface OracleContext extends GatewayContext {
  readonly asked: {
    readonly entry: "own" | "staff" | "search" | "reference";
    readonly purpose: Purpose | null;
    readonly said: Said;
  };
}

/** The schema with graphql-shield on every field, by the reference alone. */
export function oracleSchema(schema: GraphQLSchema, reference: Reference): GraphQLSchema {
  const rules: Record<string, Record<string, ReturnType<ReturnType<typeof rule>>>> = {};
  for (const { type, field, coordinate } of fieldsOf(schema)) {
    const decide = async (parent: unknown, _args: unknown, { principal, asked, self }: OracleContext) => {
      const own = asked.entry === "own";
      const roles = new Set([...(principal?.roles ?? [])].filter((role) => (role === "SUBJECT") === own));
      const caller = { signedIn: principal !== null, roles, purpose: asked.purpose };
      if (!reference.mayRead(caller, coordinate)) return false;
      if (!own) return reference.refusedByWord(caller, [coordinate], asked.said) === null;
      if (type.name !== "DataSubject") return true;
      return roles.has("SUBJECT") && (await self())?.id === (parent as Subject).id;
    };
    (rules[type.name] ??= {})[field.name] = rule({ cache: "no_cache" })(decide);
  }
  const relaxed = nullable(schema);
  const generator: IMiddlewareGenerator<unknown, GatewayContext, unknown> = shield(rules, {
    allowExternalErrors: true,
  });
  return applyMiddleware(relaxed, generator.generate(relaxed));
}

/** Each field's refusal stands for itself: none takes its neighbours along. */
export function nullable(schema: GraphQLSchema): GraphQLSchema {
  const relax = (type: GraphQLOutputType): GraphQLOutputType => {
    if (isNonNullType(type)) return relax(type.ofType);
    return isListType(type) ? new GraphQLList(relax(type.ofType)) : type;
  };
  return mapSchema(schema, { [MapperKind.OBJECT_FIELD]: (field) => ({ ...field, type: relax(field.type) }) });
}
