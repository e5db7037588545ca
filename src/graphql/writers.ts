import { getNamedType, type GraphQLSchema, isObjectType } from "graphql";
import { fieldsOf, labelOf } from "../access/inventory.ts";
import { Role } from "../access/vocabulary.ts";
import { rectifiables } from "../requests/rectifiable.ts";
import { roster } from "../sources/roster.ts";

/**
 * The roles that may change what a coordinate shows, by what each mutation says that it changes. That something can be
 * erased is not among it: erasure takes whole records, as `erasurePlan` shows them.
 * @throws where a mutation names a coordinate that there is not
 */
export function writersOf(schema: GraphQLSchema): ReadonlyMap<string, readonly Role[]> {
  const found = new Map<string, Set<Role>>();
  const root = schema.getMutationType();
  for (const field of Object.values(root?.getFields() ?? {})) {
    const label = root && labelOf(root, field);
    if (label?.kind !== "roles" || !label.changes) continue;
    const own = `${root?.name}.${field.name}`;
    const named = (field.extensions["changed"] as readonly string[] | undefined) ?? [];
    const rectified = own === "Mutation.rectify" ? rectifiedCoordinates(schema) : [];
    for (const coordinate of [
      own,
      ...rectified,
      ...named.flatMap((name) => coordinatesOf(schema, own, name)),
    ])
      found.set(coordinate, new Set([...(found.get(coordinate) ?? []), ...label.roles]));
  }
  return new Map(
    [...found].map(([coordinate, roles]) => [
      coordinate,
      Object.values(Role).filter((role) => roles.has(role)),
    ]),
  );
}

function coordinatesOf(schema: GraphQLSchema, mutation: string, name: string): readonly string[] {
  const [typeName, fieldName] = name.split(".");
  const changed = [...fieldsOf(schema)].filter(
    ({ type, field }) =>
      (typeName === "*" || type.name === typeName) && (fieldName === undefined || field.name === fieldName),
  );
  if (changed.length === 0) throw new Error(`${mutation} says that it changes ${name}, which there is not`);
  return changed.map(({ coordinate }) => coordinate);
}

/** Each fact that can be corrected, where a source's record shows it, and where the profile does. */
function rectifiedCoordinates(schema: GraphQLSchema): readonly string[] {
  const facts = Object.values(rectifiables).map(({ fact }) => fact);
  const branches = schema.getType("DataSubject");
  const records = roster.flatMap(({ key, profile }) => {
    const branch = isObjectType(branches) ? branches.getFields()[key] : undefined;
    const fields: { readonly [P in (typeof facts)[number]]?: string } = profile;
    return branch === undefined
      ? []
      : facts.flatMap((fact) => (fields[fact] ? `${getNamedType(branch.type).name}.${fields[fact]}` : []));
  });
  const unified = ["UnifiedValue.value", "HeldValue.value", ...facts.map((fact) => `Profile.${fact}`)];
  return [...records, ...unified.flatMap((name) => coordinatesOf(schema, "Mutation.rectify", name))];
}
