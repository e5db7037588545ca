import { runChild } from "../src/demo/process/child.ts";
import { built } from "./built.ts";
import { gatewayConfig } from "./gateway-config.ts";
import type { BenchSettings } from "./settings.ts";

/** (a) The gateway, put together as src/main.ts does, its log written to where nobody reads it. */
runChild(async (settings: BenchSettings) => {
  const { createApp } = await built<typeof import("../src/app.ts")>("app");
  const { fixedMasterKeys } = await built<typeof import("../src/store/master-keys.ts")>("store/master-keys");
  const { httpSettings } = await built<typeof import("../src/http/settings.ts")>("http/settings");
  const app = await createApp({
    config: await gatewayConfig(settings),
    databaseUrl: settings.databaseUrl,
    masterKeys: fixedMasterKeys(settings.masterKey),
    http: httpSettings.parse({ port: 0 }),
    introspectableBy: new Set(["AUDITOR", "DPO"]),
  });
  const address = await app.listen();
  return { ready: { url: `${address}/graphql` }, close: () => app.close() };
});
