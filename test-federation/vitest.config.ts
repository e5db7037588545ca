import { defineConfig } from "vitest/config";
import repository from "../vitest.config.ts";

export default defineConfig({
  ...repository,
  test: { ...repository.test, include: ["test-federation/*.test.ts"] },
});
