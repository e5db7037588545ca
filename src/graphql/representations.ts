import { GraphQLScalarType } from "graphql";
import { fault } from "./faults.ts";

/** The input of `Query._entities`, called as the specification of Apollo Federation calls it. */
export const Any = new GraphQLScalarType({
  name: "_Any",
  description:
    "How another subgraph names an entity: `__typename` and the fields of its key, and nothing else.",
});

/**
 * Ids of the persons whom representations name.
 * @throws BAD_USER_INPUT with the place of the first that is more or less than `__typename` and `id`
 */
export function parseRepresentations(values: readonly unknown[]): readonly string[] {
  return values.map((value, i) => {
    const place = `representations[${i}]`;
    const refuse = (argument: string, reason: "EMPTY" | "UNKNOWN", oneOf?: readonly string[]) =>
      fault("BAD_USER_INPUT", { argument, reason, ...(oneOf && { oneOf }) });
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse(place, "UNKNOWN");
    const { __typename, id, ...others } = value as Readonly<Record<string, unknown>>;
    if (__typename !== "DataSubject") throw refuse(`${place}.__typename`, "UNKNOWN", ["DataSubject"]);
    if (id === undefined || id === null || id === "") throw refuse(`${place}.id`, "EMPTY");
    if (typeof id !== "string") throw refuse(`${place}.id`, "UNKNOWN");
    // Its name is the caller's: it is not repeated.
    if (Object.keys(others).length > 0) throw refuse(place, "UNKNOWN", ["__typename", "id"]);
    return id;
  });
}
