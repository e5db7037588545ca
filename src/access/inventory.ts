import { type GraphQLField, type GraphQLSchema, isInterfaceType, isObjectType } from "graphql";
import type { Label } from "./labels.ts";

export interface LabelledCoordinate {
  /** As in the GraphQL specification: `Type.field`. */
  readonly coordinate: string;
  readonly label: Label;
}

/** Deny by default: what has no label has no reader, and the gateway does not start. */
export class MissingPolicy extends Error {
  override readonly name = "MissingPolicy";
  constructor(coordinates: readonly string[]) {
    super(`No policy for ${coordinates.join(", ")}: label each field, or its type, in records.ts.`);
  }
}

/** The label of a field: its own, or else its type's. */
export function labelOf(
  type: { readonly extensions: object },
  field: { readonly extensions: object },
): Label | undefined {
  return ownLabel(field) ?? ownLabel(type);
}

const ownLabel = ({ extensions }: { readonly extensions: { readonly label?: Label } }) => extensions.label;

export function* fieldsOf(schema: GraphQLSchema) {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__") || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      yield {
        type,
        field: field as GraphQLField<unknown, unknown>,
        coordinate: `${type.name}.${field.name}`,
      };
    }
  }
}

/**
 * Every field of the schema with what it says of a person.
 * @throws with the name of each field that has no label.
 */
export function inventory(schema: GraphQLSchema): readonly LabelledCoordinate[] {
  const labelled: LabelledCoordinate[] = [];
  const without: string[] = [];
  for (const { type, field, coordinate } of fieldsOf(schema)) {
    const label = labelOf(type, field);
    if (label === undefined) without.push(coordinate);
    else labelled.push({ coordinate, label });
  }
  if (without.length > 0) {
    throw new MissingPolicy(without);
  }
  return labelled;
}
