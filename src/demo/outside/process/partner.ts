import type { FastifyInstance } from "fastify";
import { requireBearer } from "../../process/bearer.ts";
import type { Shelf } from "./shelf.ts";

/** As `RecipientNotice` is sent. */
export interface Notice {
  readonly id: string;
  readonly event: string;
  /** RFC 3339. */
  readonly at: string;
  readonly purpose?: string;
  readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
  readonly changes?: readonly { readonly field: string; readonly value?: string }[];
}

const text = { type: "string", minLength: 1 } as const;
const pairs = (first: string, second: string, required: readonly string[] = [first, second]) => ({
  type: "array",
  items: { type: "object", required, properties: { [first]: text, [second]: text } },
});
const noticeSchema = {
  type: "object",
  required: ["id", "event", "at", "identifiers"],
  properties: {
    id: text,
    event: text,
    at: { type: "string", format: "date-time" },
    purpose: text,
    identifiers: pairs("kind", "value"),
    changes: pairs("field", "value", ["field"]),
  },
} as const;

/** The marketing partner's API: keeps one notice of each id, however often it comes. */
export function partnerRoutes(
  app: FastifyInstance,
  notices: Shelf<Notice>,
  { token, isOpen }: { readonly token: string; readonly isOpen: () => boolean },
): void {
  app.addHook("onRequest", async (_request, reply) =>
    isOpen() ? undefined : reply.code(503).send({ message: "Service Unavailable" }),
  );
  app.addHook("onRequest", requireBearer(token));
  app.post<{ Body: Notice }>("/notices", { schema: { body: noticeSchema } }, async (request, reply) => {
    const { body, headers } = request;
    if (headers["idempotency-key"] !== body.id) {
      return reply.code(400).send({ message: "idempotency-key must be the notice's id" });
    }
    return reply.code(notices.put(body.id, body) ? 201 : 200).send({ received: body.id });
  });
}
