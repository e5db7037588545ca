import { getNamedType, type GraphQLObjectType, type GraphQLSchema, isObjectType } from "graphql";

/** A way from a root field to one coordinate. */
export interface Path {
  readonly coordinate: string;
  readonly fields: readonly string[];
}

/** Every way to every coordinate below a type; no type is entered twice on one way. */
export function pathsBelow(schema: GraphQLSchema, typeName: string, entered: readonly string[] = []): Path[] {
  const type = schema.getType(typeName);
  if (!isObjectType(type) || entered.includes(typeName)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const here = { coordinate: `${type.name}.${field.name}`, fields: [field.name] };
    const inner = pathsBelow(schema, getNamedType(field.type).name, [...entered, typeName]);
    return [
      here,
      ...inner.map(({ coordinate, fields }) => ({ coordinate, fields: [field.name, ...fields] })),
    ];
  });
}

/** The coordinates that a path leads through, its own last. */
export function coordinatesOf(schema: GraphQLSchema, typeName: string, fields: readonly string[]): string[] {
  let type = schema.getType(typeName);
  return fields.map((name) => {
    const coordinate = `${type?.name}.${name}`;
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    type = field && getNamedType(field.type);
    return coordinate;
  });
}

/** The selection of one path alone; one that ends in an object asks for no more than its `__typename`. */
export function selectionOf(schema: GraphQLSchema, typeName: string, fields: readonly string[]): string {
  const end = endsInObject(schema, typeName, fields) ? " { __typename }" : "";
  return fields.reduceRight((inner, field) => ` { ${field}${inner} }`, end);
}

/** One selection of everything below a type. */
export function everythingBelow(type: GraphQLObjectType, entered: readonly string[] = []): string {
  const fields = Object.values(type.getFields()).map((field) => {
    const inner = getNamedType(field.type);
    if (!isObjectType(inner)) return field.name;
    return entered.includes(inner.name)
      ? ""
      : `${field.name} ${everythingBelow(inner, [...entered, type.name])}`;
  });
  return `{ ${fields.join(" ")} }`;
}

function endsInObject(schema: GraphQLSchema, typeName: string, fields: readonly string[]): boolean {
  let type: unknown = schema.getType(typeName);
  for (const name of fields) {
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    type = field && getNamedType(field.type);
  }
  return isObjectType(type);
}
