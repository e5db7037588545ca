import type { EntryPoint } from "./entry-points.ts";
import type { Tree } from "./selections.ts";
import { type Given, literal, plain } from "./values.ts";

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
  /** What the request itself states, for ways in that take it from there. */
  readonly purpose?: string | null;
}

/** The ways in which an argument and a selection can come. */
export const deliveries = [
  "literal",
  "variable",
  "nested variable",
  "nested default",
  "default",
  "neighbour",
  "fragments",
  "inline fragments",
  "directives",
] as const;
export type Delivery = (typeof deliveries)[number];

/** Rows of each page: enough to see whose they are. */
const first = 2;

/** Members of an input object that are ids: each comes in a variable of its own, the rest of the object written out. */
const naming = /^(subjectId|requestId|id|planHash)$/;

export function requestOf(root: EntryPoint["root"], calls: readonly Call[], delivery: Delivery): Request {
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
  const isNested = delivery === "nested variable" || delivery === "nested default";
  const nested = (value: object, variable: string): string => {
    const members = Object.entries(value).map(([member, inner]) => {
      if (!naming.test(member)) return `${member}: ${literal(inner)}`;
      const own = `${variable}_${member}`;
      definitions.push(`$${own}: ID!${delivery === "nested default" ? ` = ${literal(inner)}` : ""}`);
      if (delivery === "nested variable") variables[own] = inner;
      return `${member}: $${own}`;
    });
    return `{ ${members.join(", ")} }`;
  };
  const written = calls.map(({ alias, field, given, selection: tree }) => {
    const args = given.map(({ name, type, value }) => {
      const variable = `${alias}_${name}`;
      if (delivery === "default") definitions.push(`$${variable}: ${type} = ${literal(value)}`);
      else if (isNested && namesIn(value)) return `${name}: ${nested(value, variable)}`;
      else if (isNested && Array.isArray(value) && value.every(namesIn))
        return `${name}: [${value.map((each, n) => nested(each, `${variable}_${n}`)).join(", ")}]`;
      else if (delivery === "variable" || isNested) {
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
    document: `${root.toLowerCase()} Attack${head} { ${body} } ${fragments.join(" ")}`,
    variables,
  };
}

const namesIn = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.keys(value).some((member) => naming.test(member));
