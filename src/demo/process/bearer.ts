import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Answers 401 to whoever does not have the token. */
export function requireBearer(token: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (same(request.headers.authorization ?? "", `Bearer ${token}`)) return undefined;
    return reply.code(401).header("www-authenticate", "Bearer").send({ message: "invalid token" });
  };
}

export function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
