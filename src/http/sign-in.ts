import type { GatewayContext } from "../graphql/context.ts";
import { fault } from "../graphql/faults.ts";
import { type Authenticator, InvalidToken } from "./authentication.ts";
import { IssuerUnavailable } from "./issuer-keys.ts";

/** For counting: it is written nowhere. */
export const callerKey = (authenticator: Authenticator) => async (authorization: string | undefined) => {
  try {
    const principal = await authenticator.authenticate(authorization);
    return principal && JSON.stringify([principal.namespace, principal.sub]);
  } catch (error) {
    if (error instanceof InvalidToken) return null;
    throw error;
  }
};

/** Who calls; or why that could not be told from the token. */
export async function authenticate(
  authenticator: Authenticator,
  authorization: string | undefined,
): Promise<Pick<GatewayContext, "principal" | "signInFault">> {
  try {
    return { principal: await authenticator.authenticate(authorization), signInFault: null };
  } catch (error) {
    if (error instanceof InvalidToken) return { principal: null, signInFault: fault("UNAUTHENTICATED") };
    if (!(error instanceof IssuerUnavailable)) throw error;
    return { principal: null, signInFault: fault("INTERNAL", {}, { status: 503, cause: error }) };
  }
}
