import { EnumValue, type Given } from "./entry-points.ts";
import type { Tree } from "./selections.ts";

/** One field of an operation's root, as it is to be asked. */
export interface Call {
  readonly alias: string;
  readonly field: string;
  readonly given: readonly Given[];
  readonly selection: Tree | null;
}
export interface Request {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The ways in which an argument and a selection can come. */
export const deliveries = [
  "literal",
  "variable",
  "nested variable",
  "default",
  "neighbour",
  "fragments",
  "inline fragments",
  "directives",
] as const;
export type Delivery = (typeof deliveries)[number];

/** Rows of each page: enough to see whose they are. */
const first = 2;

export function requestOf(root: "Query" | "Mutation", calls: readonly Call[], delivery: Delivery): Request {
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};
  const fragments: string[] = [];
  const selection = (tree: Tree, depth = 0): string => {
    const parts = tree.fields.map(({ name, alias, paged, below }) => {
      const asked = `${alias ? `${alias}: ` : ""}${name}${paged ? `(first: ${first})` : ""}`;
      const directive = delivery === "directives" && depth === 0 && below ? " @include(if: $yes)" : "";
      return `${asked}${directive}${below ? selection(below, depth + 1) : ""}`;
    });
    parts.push(...tree.members.map((member) => `... on ${member.type} ${selection(member, depth + 1)}`));
    const inner = parts.join(" ");
    if (delivery === "inline fragments" && tree.members.length === 0)
      return ` { ... on ${tree.type} { ${inner} } }`;
    if (delivery !== "fragments") return ` { ${inner} }`;
    const known = fragments.findIndex((text) => text.endsWith(` on ${tree.type} { ${inner} }`));
    const number =
      known >= 0 ? known : fragments.push(`fragment F${fragments.length} on ${tree.type} { ${inner} }`) - 1;
    return ` { ...F${number} }`;
  };
  const written = calls.map(({ alias, field, given, selection: tree }) => {
    const args = given.map(({ name, type, value }) => {
      const variable = `${alias}_${name}`;
      if (delivery === "default") definitions.push(`$${variable}: ${type} = ${literal(value)}`);
      else if (delivery === "nested variable" && type.startsWith("LinkIdentity")) {
        return `${name}: ${nested(value, variable, definitions, variables)}`;
      } else if (delivery === "variable" || delivery === "nested variable") {
        definitions.push(`$${variable}: ${type}`);
        variables[variable] = plain(value);
      } else return `${name}: ${literal(value)}`;
      return `${name}: $${variable}`;
    });
    const directive = delivery === "directives" ? " @skip(if: $no)" : "";
    return `${alias}: ${field}${args.length > 0 ? `(${args.join(", ")})` : ""}${directive}${tree ? selection(tree) : ""}`;
  });
  let body = written.join(" ");
  if (delivery === "neighbour" && root === "Query")
    body = `controller { name } ${body} again: controller { email }`;
  if (delivery === "inline fragments") body = `... on ${root} { ... { ${body} } }`;
  if (delivery === "fragments") {
    fragments.push(`fragment Roots on ${root} { ${body} }`);
    body = "...Roots";
  }
  if (delivery === "directives") {
    definitions.push("$no: Boolean = false");
    if (body.includes("$yes")) {
      definitions.push("$yes: Boolean!");
      variables["yes"] = true;
    }
  }
  const head = definitions.length > 0 ? `(${definitions.join(", ")})` : "";
  return {
    document: `${root === "Query" ? "query" : "mutation"} Attack${head} { ${body} } ${fragments.join(" ")}`,
    variables,
  };
}

function literal(value: unknown): string {
  if (value instanceof EnumValue) return value.name;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, member]) => `${name}: ${literal(member)}`)
    .join(", ")} }`;
}

function plain(value: unknown): unknown {
  if (value instanceof EnumValue) return value.name;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** An input object written out, the id in it a variable. */
function nested(
  value: unknown,
  variable: string,
  definitions: string[],
  variables: Record<string, unknown>,
): string {
  if (typeof value !== "object" || value === null || !("subjectId" in value)) return literal(value);
  const { subjectId, ...others } = value;
  definitions.push(`$${variable}: ID!`);
  variables[variable] = subjectId;
  return literal(others).replace("{", `{ subjectId: $${variable},`);
}
