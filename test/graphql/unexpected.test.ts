import { expect, test, vi } from "vitest";
import { createGraphql } from "../../src/graphql/server.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";

const unused = () => Promise.reject(new Error("nothing comes so far"));

test("what breaks within GraphQL's own machinery is reported, and printed nowhere", async () => {
  const printed = (["log", "info", "warn", "error"] as const).map((level) => vi.spyOn(console, level));
  const reported: unknown[] = [];
  const broken = new Error("duplicate key (email)=(kari.nordmann@example.com)");
  const server = await createGraphql({
    ...gatewaySchema(),
    trail: { record: unused, unsealed: unused, close: unused },
    report: (_reference, error) => void reported.push(error),
    introspectableBy: new Set(),
    plugins: [{ requestDidStart: async () => ({ validationDidStart: () => Promise.reject(broken) }) }],
  });
  await expect(server.executeOperation({ query: "{ me { id } }" })).rejects.toThrow();
  expect(reported).toContain(broken);
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  await server.stop();
});
