import { expect, test } from "vitest";
import { grants } from "../../src/access/decide.ts";
import { Purpose, Role } from "../../src/access/vocabulary.ts";
import { permits } from "../../src/graphql/policies.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { coordinatesOf, pathsBelow } from "./paths.ts";

const { schema, policies } = gatewaySchema();
const paths = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
  (root) =>
    root
      ? pathsBelow(schema, root.name).map((path) => ({
          ...path,
          way: coordinatesOf(schema, root.name, path.fields),
        }))
      : [],
);

test("whatever a role may read for a purpose, it can reach for that purpose", () => {
  const unreachable = new Set<string>();
  for (const [coordinate, { label }] of policies) {
    if (label.kind !== "personal") continue;
    for (const role of Object.values(Role)) {
      for (const purpose of Object.values(Purpose)) {
        if (!grants(role, purpose, label)) continue;
        const capacity = { roles: new Set([role]), purpose };
        const open = (each: string) => {
          const policy = policies.get(each);
          return policy !== undefined && permits(policy, capacity.roles, capacity);
        };
        const ways = paths.filter((path) => path.coordinate === coordinate);
        if (!ways.some(({ way }) => way.every(open)))
          unreachable.add(`${coordinate}: ${role} for ${purpose}`);
      }
    }
  }
  expect([...unreachable]).toEqual([]);
});
