import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { lexicographicSortSchema } from "graphql";
import { unguarded } from "./schema.ts";

/** The schema with its descriptions and the policy of every coordinate, as `schema.graphql` holds it. */
export function printGatewaySchema(): string {
  return `${printSchemaWithDirectives(lexicographicSortSchema(unguarded().schema))}\n`;
}
