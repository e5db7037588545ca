import type { FastifyInstance } from "fastify";
import { requireBearer } from "../../../process/bearer.ts";
import type { Manners } from "./manners.ts";

const mannerSchema = {
  type: "object",
  required: ["manner"],
  properties: { manner: { type: "string" } },
} as const;

/** Bad manners: POST switches one on, GET shows those that are on, DELETE switches all off. */
export function adminRoutes(admin: FastifyInstance, manners: Manners, token: string): void {
  admin.addHook("onRequest", requireBearer(token));
  admin.get("/manners", () => ({ data: manners.list() }));
  admin.post<{ Body: { manner: string } & Record<string, unknown> }>(
    "/manners",
    { schema: { body: mannerSchema } },
    ({ body: { manner, ...options } }) => {
      manners.set(manner, options);
      return { data: manners.list() };
    },
  );
  admin.delete("/manners", () => {
    manners.reset();
    return { data: manners.list() };
  });
}
