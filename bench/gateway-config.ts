import type { ValidatedConfig } from "../src/config/load.ts";
import { built } from "./built.ts";
import type { BenchSettings } from "./settings.ts";

export async function gatewayConfig({ issuer, systems, outside }: BenchSettings): Promise<ValidatedConfig> {
  const { validateConfig } = await built<typeof import("../src/config/load.ts")>("config/load");
  const { demoConfig } = await built<typeof import("../src/demo/organisation.ts")>("demo/organisation");
  return validateConfig(demoConfig({ issuer, systems, outside }), { OIDC_ISSUER: undefined });
}
