import { type DocumentNode, execute, type GraphQLError, GraphQLSchema, parse } from "graphql";
import type { RecordType } from "../archive/record-type.ts";
import type { Language } from "../language/language.ts";
import type { Shown, ShownPage } from "../requests/shown.ts";
import type { Row, Value } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { GatewayContext } from "./context.ts";
import { plainValue, type ShownType } from "./record-types.ts";

/** Most that one page may have. */
const pageSize = 500;

/** The context of an operation that whoever looks at the person would send themself; made anew for each. */
export type OwnContext = (subject: Subject, language: Language) => Promise<GatewayContext>;

/** Reads what persons are shown as whoever looks would: through the schema, with its guards. */
export function createRecordReader(
  schema: GraphQLSchema,
  shown: readonly ShownType[],
  contextFor: OwnContext,
): Shown {
  const rooted = rootedInPerson(schema);
  const documents = new Map(shown.map((each) => [each.type, { ...each, document: documentFor(each) }]));
  return {
    types: shown.map(({ type }) => type),
    async page(subject, type, after, { language, signal }) {
      signal.throwIfAborted();
      const asked = documents.get(type);
      if (!asked) throw new Error("a record type that nobody is shown");
      const answer = await execute({
        schema: rooted,
        document: asked.document,
        rootValue: subject,
        contextValue: await contextFor(subject, language),
        variableValues: asked.as === "connection" ? { after, first: pageSize } : {},
      });
      if (answer.errors) throw faultBehind(answer.errors);
      return pageOf(asked, answer.data ?? {});
    },
  };
}

/** What `me` leads to is the root, so that it is asked of any person. */
function rootedInPerson(schema: GraphQLSchema): GraphQLSchema {
  const { types, directives, extensions } = schema.toConfig();
  const query = types.find(({ name }) => name === "DataSubject");
  if (!query || !("getFields" in query)) throw new Error("the schema has no person");
  return new GraphQLSchema({ query: query as never, types, directives, extensions });
}

function documentFor({ path, as, selection }: ShownType): DocumentNode {
  const rows =
    as === "connection"
      ? `(first: $first, after: $after) { edges { node { ${selection} } } pageInfo { hasNextPage endCursor } }`
      : ` { ${selection} }`;
  const variables = as === "connection" ? "($first: Int!, $after: String)" : "";
  const [last = "", ...outer] = [...path].reverse();
  const body = outer.reduce((inner, name) => `${name} { ${inner} }`, `${last}${rows}`);
  return parse(`query${variables} { ${body} }`, { noLocation: true });
}

/** One field is enough to know: the page is had again as a whole. */
const faultBehind = (errors: readonly GraphQLError[]): unknown => errors[0]?.originalError ?? errors[0];

interface Answered {
  readonly [field: string]: unknown;
}

function pageOf({ path, as, type }: ShownType, data: Answered): ShownPage | null {
  let at: unknown = data;
  for (const name of path) at = at === null ? null : (at as Answered)[name];
  if (at === null || at === undefined) return null;
  if (as === "record") return { rows: [rowOf(type, at as Answered)], end: null };
  if (as === "list") return { rows: (at as readonly Answered[]).map((row) => rowOf(type, row)), end: null };
  const { edges, pageInfo } = at as {
    readonly edges: readonly { readonly node: Answered }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
  return {
    rows: edges.map(({ node }) => rowOf(type, node)),
    end: pageInfo.hasNextPage ? pageInfo.endCursor : null,
  };
}

const rowOf = ({ fields }: Pick<RecordType, "fields">, from: Answered): Row =>
  Object.fromEntries(fields.map((field) => [field.name, valueOf(field, from)]));

function valueOf(field: RecordType["fields"][number], from: Answered): Value {
  const value = field.name
    .split(".")
    .reduce<unknown>((at, name) => (at === null || at === undefined ? null : (at as Answered)[name]), from);
  if (value === null || value === undefined) return "list" in field ? [] : null;
  if (!("list" in field)) return value as Value;
  return (value as readonly unknown[]).map((row) =>
    typeof row === "object" && row !== null
      ? rowOf({ fields: field.list }, row as Answered)
      : { [plainValue]: row as Value },
  );
}
