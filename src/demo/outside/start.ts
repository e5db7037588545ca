import type { ServerAccess } from "../postgres/server.ts";
import { type Child, siblingEntry, startChild } from "../process/parent.ts";
import { freePort } from "../process/ports.ts";
import type { OutsideReady } from "./process/server.ts";
import type { OutsideSettings } from "./process/settings.ts";

/** How the gateway reaches what is outside the organisation, credentials included. */
export interface OutsideAccess {
  /** Of the mailbox's page; the partner's API is at `/notices`. */
  readonly url: string;
  readonly partnerToken: string;
  readonly smtpUrl: string;
}

export type OutsideSecrets = Omit<OutsideSettings, "port">;

/** The same for the same demo. */
export function outsideSecrets(server: ServerAccess): OutsideSecrets {
  return {
    partnerToken: server.secret("partner"),
    mailUser: { user: "innsyn", password: server.secret("mail") },
    adminToken: server.secret("outside-admin"),
  };
}

/** The preferred port, or another where it is taken; 0: any. */
export async function startOutside(
  preferredPort: number,
  secrets: OutsideSecrets,
): Promise<Child<OutsideAccess>> {
  // One that is only looked up may be taken before the child comes to listen on it.
  const port = preferredPort === 0 ? 0 : await freePort(preferredPort);
  const settings: OutsideSettings = { ...secrets, port };
  const entry = siblingEntry(import.meta.url, "main");
  const child = await startChild<OutsideSettings, OutsideReady>(entry, settings);
  const { url, mailPort } = child.ready;
  const { user, password } = secrets.mailUser;
  const smtpUrl = `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${mailPort}`;
  return { ...child, ready: { url, smtpUrl, partnerToken: secrets.partnerToken } };
}
