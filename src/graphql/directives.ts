import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
  isEnumType,
} from "graphql";
import { fieldsOf } from "../access/inventory.ts";
import { legalBasisOf } from "../access/labels.ts";
import { describeRetention } from "../access/retention.ts";
import { DataCategory, LegalBasis, Purpose, Role } from "../access/vocabulary.ts";
import type { CoordinatePolicy, Policies } from "./policies.ts";

const locations = [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT];

/** The definitions of `@access` and `@personalData`, over the schema's own enums. */
export function policyDirectives(schema: GraphQLSchema): GraphQLDirective[] {
  const role = enumOf(schema, "Role", Role, "In what capacity somebody asks.");
  const category = enumOf(schema, "DataCategory", DataCategory);
  const purpose = enumOf(schema, "Purpose", Purpose);
  const legalBasis = enumOf(schema, "LegalBasis", LegalBasis);
  return [
    new GraphQLDirective({
      name: "access",
      description: "The roles that may read a field, and change it. What is not named may not.",
      locations,
      args: {
        read: { type: new GraphQLNonNull(listOf(role)) },
        write: { type: listOf(role), defaultValue: [] },
      },
    }),
    new GraphQLDirective({
      name: "personalData",
      description:
        "What a field says of a person: the label that access, notices, records and erasure are computed from.",
      locations,
      args: {
        category: { type: new GraphQLNonNull(category) },
        purposes: { type: new GraphQLNonNull(listOf(purpose)) },
        legalBasis: { type: new GraphQLNonNull(legalBasis) },
        retention: { type: new GraphQLNonNull(GraphQLString) },
        source: { type: GraphQLString, description: "Absent where the gateway itself holds it." },
        special: { type: GraphQLBoolean, defaultValue: false, description: "GDPR Art. 9." },
      },
    }),
  ];
}

const listOf = (type: GraphQLEnumType) => new GraphQLList(new GraphQLNonNull(type));

/** The schema's own enum, or a new one where no field uses it yet. */
function enumOf(schema: GraphQLSchema, name: string, values: object, description?: string): GraphQLEnumType {
  const known = schema.getType(name);
  if (isEnumType(known)) return known;
  const entries = Object.keys(values).map((value) => [value, { value }]);
  return new GraphQLEnumType({ name, description, values: Object.fromEntries(entries) });
}

/** Writes each coordinate's policy where `printSchemaWithDirectives` and introspection find it. */
export function applyDirectives(schema: GraphQLSchema, policies: Policies): void {
  for (const { field, coordinate } of fieldsOf(schema)) {
    const policy = policies.get(coordinate);
    if (policy) field.extensions = { ...field.extensions, directives: directivesOf(policy) };
  }
}

function directivesOf({ label, readers }: CoordinatePolicy) {
  const access = {
    read: readers,
    ...(label.kind === "roles" && label.changes ? { write: label.roles } : {}),
  };
  if (label.kind !== "personal") return { access };
  const { category, purposes, retention, source, special } = label;
  return {
    access,
    personalData: {
      category,
      purposes,
      legalBasis: legalBasisOf(label),
      retention: describeRetention(retention),
      ...(source === undefined ? {} : { source }),
      ...(special === undefined ? {} : { special }),
    },
  };
}
