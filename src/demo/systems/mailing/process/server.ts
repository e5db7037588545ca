import fastify, { type FastifyInstance } from "fastify";
import pg from "pg";
import { adminRoutes } from "./admin.ts";
import { requireApiUser } from "./authentication.ts";
import { deletionRoutes } from "./deletions.ts";
import { deliveryRoutes } from "./deliveries.ts";
import { Erasures } from "./erasures.ts";
import { MailingError } from "./errors.ts";
import { readRoleFor } from "./filter.ts";
import { listRoutes } from "./lists.ts";
import { Manners } from "./manners.ts";
import { misbehave } from "./misbehave.ts";
import { privacyRoutes } from "./privacy.ts";
import type { MailingSettings } from "./settings.ts";
import { readRoutes } from "./subscribers-read.ts";
import { subscriptionPages } from "./subscription-pages.ts";
import { writeRoutes } from "./subscribers-write.ts";

/** Query strings carry the addresses of many persons at once. */
const MAX_HEADER_BYTES = 256 * 1024;

export interface Mailing {
  readonly ready: { readonly url: string };
  close(): Promise<void>;
}

/**
 * Serves listmonk's documented REST API over the e-mail tool's database, on the loopback interface alone: `/admin`
 * can switch it into every bad manner. Writes no log: addresses stand in its URLs.
 *
 * @throws Error when clients' SQL would run as a superuser
 */
export async function serveMailing(settings: MailingSettings): Promise<Mailing> {
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    max: 8,
    // listmonk answers in the zone of its server.
    options: "-c TimeZone=Europe/Oslo",
  });
  // A database that went away is noticed by the next request, and by the one that has a connection just now.
  pool.on("error", () => undefined).on("connect", (client) => client.on("error", () => undefined));
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    ajv: { customOptions: { coerceTypes: "array" } },
  });
  app.addHook("onClose", () => pool.end());
  try {
    await routes(app, pool, settings, await readRoleFor(pool));
    const url = await app.listen({ host: "127.0.0.1", port: settings.port });
    return { ready: { url }, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function routes(
  app: FastifyInstance,
  pool: pg.Pool,
  settings: MailingSettings,
  readRole: string | null,
): Promise<void> {
  const manners = new Manners();
  const erasures = new Erasures(pool, manners, settings.erasureMs);
  app.addHook("onClose", () => erasures.close());
  await erasures.resume();
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error instanceof MailingError ? error.status : (error.statusCode ?? 500);
    return reply.code(status).send({
      message: status < 500 ? error.message : "Internal Server Error",
    });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: "Not Found" }));
  await app.register(async (admin) => adminRoutes(admin, manners, settings.adminToken), { prefix: "/admin" });
  subscriptionPages(app, pool);
  await app.register(
    async (api) => {
      api.addHook("onRequest", requireApiUser(settings.credentials));
      misbehave(api, manners);
      api.get("/health", () => ({ data: true }));
      readRoutes(api, pool, manners, readRole);
      writeRoutes(api, pool);
      deletionRoutes(api, pool, manners);
      privacyRoutes(api, pool, erasures);
      deliveryRoutes(api, pool);
      listRoutes(api, pool);
    },
    { prefix: "/api" },
  );
}
