import { GraphQLScalarType, Kind } from "graphql";
import { GraphQLDate, GraphQLDateTime } from "graphql-scalars";

/** Output is lenient, since a held value is shown as held; input is strict. */
const lenient = (name: string, description: string, strict: GraphQLScalarType): GraphQLScalarType =>
  new GraphQLScalarType({
    name,
    description,
    serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
    parseValue: (value) => strict.parseValue(value),
    parseLiteral: (node, variables) =>
      node.kind === Kind.STRING ? strict.parseLiteral(node, variables) : strict.parseValue(null),
  });

export const DateTime = lenient(
  "DateTime",
  "A moment: RFC 3339, UTC. A stored value that is no moment is given as held.",
  GraphQLDateTime,
);

export const DateOnly = lenient(
  "Date",
  "A day: RFC 3339 full-date. A stored value that is no day is given as held.",
  GraphQLDate,
);
