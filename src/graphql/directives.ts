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
  isObjectType,
} from "graphql";
import { readersOf } from "../access/decide.ts";
import { fieldsOf } from "../access/inventory.ts";
import { type Label, legalBasisOf } from "../access/labels.ts";
import { describeRetention } from "../access/retention.ts";
import { DataCategory, LegalBasis, Purpose, Role } from "../access/vocabulary.ts";
import type { Policies } from "./policies.ts";

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

/** Writes each coordinate's policy, and what a type says of its fields, where SDL and introspection find it. */
export function applyDirectives(schema: GraphQLSchema, policies: Policies): void {
  for (const type of Object.values(schema.getTypeMap())) {
    const { label } = type.extensions as { readonly label?: Label };
    // A container says nothing itself: what it opens differs from field to field.
    if (isObjectType(type) && label !== undefined && label.kind !== "container")
      type.extensions = { ...type.extensions, directives: directivesOf(label, readersOf(label), []) };
  }
  for (const { field, coordinate } of fieldsOf(schema)) {
    const policy = policies.get(coordinate);
    if (policy === undefined) continue;
    const directives = directivesOf(policy.label, policy.readers, policy.writers);
    field.extensions = { ...field.extensions, directives };
  }
}

function directivesOf(label: Label, readers: readonly Role[], writers: readonly Role[]) {
  const access = { read: readers, ...(writers.length > 0 ? { write: writers } : {}) };
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
