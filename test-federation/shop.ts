import { json } from "node:stream/consumers";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse } from "graphql";
import { type Served, serve } from "./serve.ts";

interface Reference {
  readonly id: string;
}

export interface Shop extends Served {
  readonly sdl: string;
  /** Points by the id that the gateway gives a person; in the order of `customers`. */
  readonly points: Map<string, number>;
  /** Headers of every request so far. */
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
}

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type DataSubject @key(fields: "id") { id: ID! loyaltyPoints: Int }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type Query { customers: [DataSubject!]! }
`;

/** Another subgraph, which knows persons by id alone. */
export async function startShop(): Promise<Shop> {
  const points: Shop["points"] = new Map();
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const resolvers = {
    DataSubject: {
      __resolveReference: ({ id }: Reference) => ({ id }),
      loyaltyPoints: ({ id }: Reference) => points.get(id) ?? null,
    },
    Query: { customers: () => [...points.keys()].map((id) => ({ id })) },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
  const served = await serve((request, response) => {
    headers.push(request.headers);
    void json(request)
      .then((body) => {
        const { query, variables } = body as { readonly query: string; readonly variables?: object };
        return graphql({ schema, source: query, variableValues: { ...variables } });
      })
      .then((answer) => {
        response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
      });
  });
  return { ...served, sdl, points, headers };
}
