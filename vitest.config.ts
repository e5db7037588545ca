import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // type-graphql's decorators are the legacy kind, which the transformer must be told.
  oxc: { decorator: { legacy: true } },
  // One copy of graphql: CommonJS dependencies and our ES modules must meet in the same realm.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup/global.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Three for two cores: much of the time goes to waiting for databases and processes.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
  },
});
