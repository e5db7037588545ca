import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  introspectionTypes,
  isAbstractType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from "graphql";
import { appliedDirectivesOf, listOf } from "./applied-directives.ts";

/** The part of a schema that whoever asks is shown; resolvers have no other. */
export type View = (context: unknown) => GraphQLSchema;

const fieldName = "appliedDirectives";
const extended: readonly GraphQLObjectType[] = introspectionTypes
  .filter(isObjectType)
  .filter(({ name }) => ["__Schema", "__Type", "__Field", "__InputValue", "__EnumValue"].includes(name));
const views = new WeakMap<GraphQLSchema, View>();

/** The part of the schema that the caller is shown. */
export const shownPart = (schema: GraphQLSchema, context: unknown): GraphQLSchema =>
  views.get(schema)?.(context) ?? schema;

/**
 * Lets a schema's introspection say which directives stand where, and shows each caller their part.
 *
 * graphql-js has one set of introspection types for all schemas of a process. So the new field is out of sight where
 * schemas are put together from what they refer to: it can be asked for, and every other schema stays as it was.
 */
export function extendIntrospection(schema: GraphQLSchema, view: View = () => schema): void {
  const type = schema.getType("_AppliedDirective");
  if (!isObjectType(type)) throw new Error("the schema has no type _AppliedDirective");
  for (const introspected of extended) {
    Object.defineProperty(introspected.getFields(), fieldName, {
      value: appliedDirectives(listOf(type)),
      enumerable: false,
      configurable: true,
    });
  }
  views.set(schema, view);
  SchemaMetaFieldDef.resolve = (_source, _args, context, info) => shownPart(info.schema, context);
  TypeMetaFieldDef.resolve = (_source, { name }, context, info) =>
    shownPart(info.schema, context).getType(name as string);
  Object.assign(ownField("possibleTypes"), { resolve: possibleTypes });
  Object.assign(ownField("fields"), { resolve: fields });
}

function appliedDirectives(type: GraphQLField<unknown, unknown>["type"]): GraphQLField<object, unknown> {
  return {
    name: fieldName,
    description: "The directives that stand here, with the values that are enforced.",
    type,
    args: [],
    resolve: (element, _args, _context, info) => appliedDirectivesOf(element, info.schema),
    deprecationReason: undefined,
    extensions: {},
    astNode: undefined,
  };
}

function ownField(name: string) {
  const field = extended.find((type) => type.name === "__Type")?.getFields()[name];
  if (field === undefined) throw new Error(`graphql has no __Type.${name}`);
  return field;
}

type Resolve = GraphQLFieldResolver<unknown, unknown>;

/** Of the caller's part: the schema that is executed has them all. */
const possibleTypes: Resolve = (type, _args, context, { schema }) =>
  isAbstractType(type) ? shownPart(schema, context).getPossibleTypes(type) : undefined;

const ownFields = ownField("fields").resolve as Resolve;

/** Introspection of introspection: the field that is out of sight is there. */
const fields: Resolve = (type, args, context, info) => {
  const visible = ownFields(type, args, context, info) as readonly unknown[] | undefined;
  if (!visible || !views.has(info.schema) || !isObjectType(type) || !extended.includes(type)) return visible;
  return [...visible, type.getFields()[fieldName]];
};
