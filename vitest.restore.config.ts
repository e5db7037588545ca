import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** What needs PostgreSQL's own pg_dump and pg_restore, which `npm ci` does not bring: not part of `npm test`. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  defineConfig({ test: { include: ["test/restore/*.peer.ts"], maxWorkers: 1 } }),
);
