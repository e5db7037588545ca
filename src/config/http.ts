import { type HttpSettings, httpSettings } from "../http/settings.ts";
import type { Environment } from "./environment.ts";
import type { ValidatedConfig } from "./load.ts";

/** What the environment says of HTTP goes before what the configuration says. */
export function httpSettingsFrom(
  env: Environment,
  { http, identity, erasure }: ValidatedConfig,
): HttpSettings {
  const graphiqlOn = env.GRAPHIQL ?? (http.graphiql ? true : env.NODE_ENV !== "production");
  const { issuer, audience } = identity;
  const graphiql = { issuer, audience: audience[0], stepUp: erasure.stepUp, ...http.graphiql };
  const tracing = tracingFrom(env) ?? http.tracing;
  return httpSettings.parse({
    ...http,
    host: env.HOST,
    port: env.PORT,
    ...(env.LOG_LEVEL && { logLevel: env.LOG_LEVEL }),
    graphiql: graphiqlOn ? graphiql : null,
    ...(tracing && { tracing }),
  });
}

/** The exporter reads its own addresses; here it only is decided whether there are any. */
function tracingFrom(env: Environment) {
  const wanted = env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (wanted === undefined) return undefined;
  return env.OTEL_SERVICE_NAME === undefined ? {} : { serviceName: env.OTEL_SERVICE_NAME };
}
