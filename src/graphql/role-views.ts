import { MapperKind, mapSchema } from "@graphql-tools/utils";
import {
  type GraphQLDirective,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLSchema,
  isEnumType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  getNamedType,
} from "graphql";
import { fieldsOf } from "../access/inventory.ts";
import type { Role } from "../access/vocabulary.ts";
import { appliedDirectiveTypes } from "./applied-directives.ts";
import type { Policies } from "./policies.ts";
import { visibleTo } from "./visible.ts";

/** Those who account for the policy see all of it, also of what they may not read themselves. */
const accountable: readonly Role[] = ["AUDITOR", "DPO"];

/** The part of the schema that callers with these roles are shown: decided once per set of roles. */
export function createRoleViews(
  schema: GraphQLSchema,
  policies: Policies,
): (roles: ReadonlySet<Role>) => GraphQLSchema {
  const views = new Map<string, GraphQLSchema>();
  return (roles) => {
    if (accountable.some((role) => roles.has(role))) return schema;
    const key = [...roles].sort().join("+");
    const known = views.get(key) ?? partOf(schema, visibleTo(schema, policies, roles));
    views.set(key, known);
    return known;
  };
}

function partOf(schema: GraphQLSchema, reached: ReadonlySet<string>): GraphQLSchema {
  const visible = new Set([...reached, ...appliedDirectiveTypes().flatMap(coordinatesOf)]);
  for (const value of statedIn(schema, visible)) visible.add(value);
  const kept = (coordinate: string) => (visible.has(coordinate) ? undefined : null);
  return mapSchema(schema, {
    [MapperKind.TYPE]: (type) => (isSpecifiedScalarType(type) ? undefined : kept(type.name)),
    [MapperKind.FIELD]: (config, field, type) => {
      const coordinate = `${type}.${field}`;
      if (!visible.has(coordinate)) return null;
      return "args" in config
        ? { ...config, args: argumentsIn(config.args, coordinate, visible) }
        : undefined;
    },
    [MapperKind.ENUM_VALUE]: (_config, type, _schema, value) => kept(`${type}.${value}`),
    [MapperKind.DIRECTIVE]: (directive) => (isStated(directive, visible) ? undefined : null),
  });
}

const argumentsIn = (
  args: GraphQLFieldConfigArgumentMap = {},
  coordinate: string,
  visible: ReadonlySet<string>,
) => Object.fromEntries(Object.entries(args).filter(([name]) => visible.has(`${coordinate}(${name}:)`)));

const coordinatesOf = (type: ReturnType<typeof appliedDirectiveTypes>[number]) => [
  type.name,
  ...Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
];

type Applied = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The enum values that directives state of what is visible: whoever reads a policy must know its words. */
function* statedIn(schema: GraphQLSchema, visible: ReadonlySet<string>): Generator<string> {
  for (const { type, field, coordinate } of fieldsOf(schema)) {
    if (!visible.has(coordinate)) continue;
    for (const { extensions } of [type, field]) {
      for (const [name, values] of Object.entries((extensions["directives"] ?? {}) as Applied)) {
        for (const arg of schema.getDirective(name)?.args ?? []) {
          const named = getNamedType(arg.type);
          if (!isEnumType(named)) continue;
          yield named.name;
          for (const value of [values[arg.name] ?? []].flat()) yield `${named.name}.${String(value)}`;
        }
      }
    }
  }
}

/** A directive that stands nowhere has no words left to be defined with. */
const isStated = (directive: GraphQLDirective, visible: ReadonlySet<string>) =>
  isSpecifiedDirective(directive) ||
  directive.args.every(({ type }) => {
    const named = getNamedType(type);
    return isSpecifiedScalarType(named) || visible.has(named.name);
  });
