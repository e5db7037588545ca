import fastify, { type FastifyInstance } from "fastify";
import type { Served } from "../../process/child.ts";
import { adminRoutes } from "./admin.ts";
import { type Mail, serveMail } from "./mail-server.ts";
import { mailboxPage } from "./mailbox-page.ts";
import { type Notice, partnerRoutes } from "./partner.ts";
import type { OutsidePart, OutsideSettings } from "./settings.ts";
import { Shelf } from "./shelf.ts";

export interface OutsideReady {
  /** Of the mailbox's page; the partner's API is at `/notices`. */
  readonly url: string;
  readonly mailPort: number;
}

/**
 * Plays what is outside the organisation, on the loopback interface alone: a marketing partner that takes notices, and
 * everybody's mailbox. Keeps what comes in memory, so much and no more, and writes no log.
 */
export async function serveOutside(settings: OutsideSettings): Promise<Served<OutsideReady>> {
  const { partnerToken, mailUser, adminToken: token } = settings;
  const notices = new Shelf<Notice>(1_000);
  const mails = new Shelf<Mail>(200);
  const open: Record<OutsidePart, boolean> = { partner: true, mail: true };
  const mailServer = await serveMail(mails, { mailUser, isOpen: () => open.mail });
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.addHook("onClose", () => mailServer.close());
  try {
    await app.register(async (admin) => adminRoutes(admin, { token, notices, mails, open }), {
      prefix: "/admin",
    });
    await app.register(async (api: FastifyInstance) =>
      partnerRoutes(api, notices, { token: partnerToken, isOpen: () => open.partner }),
    );
    mailboxPage(app, mails);
    const url = await app.listen({ host: "127.0.0.1", port: settings.port });
    return { ready: { url, mailPort: mailServer.port }, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
