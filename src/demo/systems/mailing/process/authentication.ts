import type { FastifyReply, FastifyRequest } from "fastify";
import { same } from "../../../process/bearer.ts";
import type { MailingSettings } from "./settings.ts";

type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Basic authentication, or `Authorization: token user:token`. */
export function requireApiUser({ user, token }: MailingSettings["credentials"]): Check {
  const expected = `${user}:${token}`;
  return async (request, reply) => {
    const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(" ", 2);
    const given = scheme.toLowerCase() === "basic" ? Buffer.from(value, "base64").toString() : value;
    const known = ["basic", "token"].includes(scheme.toLowerCase());
    if (!known || !same(given, expected)) return reply.code(403).send({ message: "invalid API credentials" });
    return undefined;
  };
}
