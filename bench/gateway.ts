import { runChild } from "../src/demo/process/child.ts";
import { built } from "./built.ts";
import type { BenchSettings } from "./settings.ts";

/** (a) The gateway, put together as src/main.ts does, on a free port. Its log goes to a file that forgets. */
runChild(async ({ masterKey, databaseUrl, ...demo }: BenchSettings) => {
  const { createApp } = await built<typeof import("../src/app.ts")>("app");
  const { validateConfig } = await built<typeof import("../src/config/load.ts")>("config/load");
  const { demoConfig } = await built<typeof import("../src/demo/organisation.ts")>("demo/organisation");
  const { httpSettings } = await built<typeof import("../src/http/settings.ts")>("http/settings");
  const app = await createApp({
    config: validateConfig(demoConfig(demo), { OIDC_ISSUER: undefined }),
    databaseUrl,
    masterKey: new Uint8Array(masterKey),
    http: httpSettings.parse({ port: 0 }),
    introspectableBy: new Set(["AUDITOR", "DPO"]),
  });
  const address = await app.listen();
  return { ready: { url: `${address}/graphql` }, close: () => app.close() };
});
