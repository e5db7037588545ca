import { ArgsType, type ClassType, Field, Int, ObjectType } from "type-graphql";
import { Personal, SignedIn } from "../access/annotate.ts";
import type { Page, PageRow } from "./contract.ts";

export const defaultPageSize = 20;

@ArgsType()
export class PageArguments {
  @Field(() => Int, { nullable: true, defaultValue: defaultPageSize, description: "At most 500." })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor of an earlier page." })
  after?: string | null;
}

@ObjectType({ simpleResolvers: true, description: "Relay cursor connections." })
@SignedIn
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor!: string | null;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
}

/** The connection and edge types of a record type, under the record's own label. */
export const connectionOf = <T extends object>(
  node: ClassType<T>,
  name: string,
  label: Parameters<typeof Personal>[0],
): ClassType<Connection<T>> => annotatedConnection(node, name, Personal(label));

/** The connection and edge types of what is annotated otherwise. */
export function annotatedConnection<T extends object>(
  node: ClassType<T>,
  name: string,
  annotation: ReturnType<typeof Personal>,
): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`, { simpleResolvers: true })
  @annotation
  class Edge {
    @Field(() => String)
    cursor!: string;

    @Field(() => node)
    node!: T;
  }

  @ObjectType(`${name}Connection`, { simpleResolvers: true })
  @annotation
  class NodeConnection {
    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }
  return NodeConnection;
}

/** Names a row to `SourceReader.list`, out of reach of any field. */
export const rowKey = Symbol("rowKey");

class RowEdge<Node> {
  readonly #row: PageRow;
  readonly node: Node;

  constructor(row: PageRow) {
    this.#row = row;
    this.node = Object.assign(row.row, { [rowKey]: row.key }) as Node;
  }

  get cursor(): string {
    return this.#row.cursor;
  }
}

export function toConnection<Node>(page: Page, after: string | null | undefined): Connection<Node> {
  const edges = page.rows.map((row) => new RowEdge<Node>(row));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
