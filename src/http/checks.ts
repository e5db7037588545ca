import type { Source } from "../sources/contract.ts";
import type { Store } from "../store/store.ts";
import type { Authenticator } from "./authentication.ts";
import type { Check } from "./health.ts";

/** What the gateway needs to answer: its own database and the issuer; and the sources, each of which it can do without. */
export function healthChecks(
  store: Store,
  authenticator: Authenticator,
  sources: ReadonlyMap<string, Source>,
): readonly Check[] {
  return [
    {
      name: "database",
      essential: true,
      check: async () => ({ ok: (await store.em.fork().execute("select 1")).length === 1 }),
    },
    {
      name: "issuer",
      essential: true,
      check: async () => {
        await authenticator.checkIssuer();
        return { ok: true };
      },
    },
    ...[...sources.values()].map((source) => ({
      name: source.key,
      essential: false,
      check: () => source.health({ signal: AbortSignal.timeout(2_000) }),
    })),
  ];
}
