import type { FastifyReply, FastifyRequest } from "fastify";
import { type Authenticator, InvalidToken } from "./authentication.ts";
import { answer, type HttpFault } from "./errors.ts";
import { IssuerUnavailable } from "./issuer-keys.ts";

const unauthenticated: HttpFault = {
  status: 401,
  code: "UNAUTHENTICATED",
  message: {
    nb: "Logg inn, og send tilgangstokenet med",
    nn: "Logg inn, og send tilgangstokenet med",
    en: "Sign in, and send the access token along",
  },
};

export const refuseUnknown = (reply: FastifyReply, request: FastifyRequest) =>
  answer(reply.header("www-authenticate", "Bearer"), unauthenticated, request);

/** Who calls for a file; null: that cannot be told. */
export async function callerOf(
  { authenticate }: Pick<Authenticator, "authenticate">,
  request: FastifyRequest,
) {
  try {
    return await authenticate(request.headers.authorization);
  } catch (error) {
    if (error instanceof InvalidToken || error instanceof IssuerUnavailable) return null;
    throw error;
  }
}
