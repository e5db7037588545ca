import type { FastifyInstance } from "fastify";
import { requireBearer } from "../../process/bearer.ts";
import type { Mail } from "./mail-server.ts";
import type { Notice } from "./partner.ts";
import type { OutsidePart } from "./settings.ts";
import type { Shelf } from "./shelf.ts";

const openSchema = {
  type: "object",
  required: ["part", "open"],
  properties: { part: { enum: ["partner", "mail"] }, open: { type: "boolean" } },
} as const;

interface Outside {
  readonly token: string;
  readonly notices: Shelf<Notice>;
  readonly mails: Shelf<Mail>;
  readonly open: Record<OutsidePart, boolean>;
}

/** What has come, oldest first; and a switch for each part. */
export function adminRoutes(admin: FastifyInstance, { token, notices, mails, open }: Outside): void {
  admin.addHook("onRequest", requireBearer(token));
  admin.get("/notices", () => ({ data: notices.list() }));
  admin.get("/mails", () => ({ data: mails.list() }));
  admin.put<{ Body: { part: OutsidePart; open: boolean } }>(
    "/open",
    { schema: { body: openSchema } },
    ({ body }) => {
      open[body.part] = body.open;
      return { data: open };
    },
  );
}
