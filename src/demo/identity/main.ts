import { runChild } from "../process/child.ts";
import type { IdentitySettings } from "./settings.ts";

// oidc-provider speaks to its operator on the console, when loaded too; here its reader would be a visitor of the demo.
for (const level of ["info", "warn"] as const) {
  const write = console[level];
  console[level] = (...items: unknown[]) => {
    if (!String(items[0]).includes("oidc-provider ")) write(...items);
  };
}

runChild(async (settings: IdentitySettings) => {
  const { serveIdentity } = await import("./server.ts");
  return serveIdentity(settings);
});
