import type { ServerAccess } from "./postgres/server.ts";

/** What the e-mail tool's `/admin` asks for. */
export function mailingAdminToken(server: ServerAccess): string {
  return server.secret("mailing-admin");
}
