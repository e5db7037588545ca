import { hash, randomUUID } from "node:crypto";
import { fastify } from "fastify";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { runChild } from "../../src/demo/process/child.ts";
import { accountNamespace, audience } from "../../src/demo/identity/settings.ts";
import { keyedHash } from "../../src/store/keyed-hash.ts";
import type { ServerSettings } from "../settings.ts";
import { personReads } from "./person.ts";
import { poolOf, prepared } from "./rows.ts";

interface Caller {
  readonly sub: string;
  readonly email: string;
  readonly until: number;
  /** The gateway's own name for the person; known as long as the token is. */
  subject?: string | undefined;
}

/** (b) The limit: what a good engineer would write by hand for this one question, with nothing general in it. */
runChild(async ({ issuer, databaseUrl, systems, audit, signInKey }: ServerSettings) => {
  const own = poolOf(databaseUrl, 10);
  const ownRows = prepared(own);
  const reads = personReads(systems);
  const signInHash = keyedHash(signInKey);
  const verify = await verifier(issuer);
  const subjectOf = async (sub: string) => {
    const known = await ownRows("sign_in", "select subject_id from sign_in where hash = $1", [
      signInHash(accountNamespace, sub),
    ]);
    const subject = known[0]?.["subject_id"];
    return typeof subject === "string" ? subject : undefined;
  };
  const app = fastify({ logger: false });

  app.post<{ Body: { variables?: { first?: number } } }>("/access", async (request, reply) => {
    const caller = await verify(request.headers.authorization);
    if (caller === null) return reply.code(401).send();
    const subject = (caller.subject ??= await subjectOf(caller.sub));
    if (subject === undefined) return reply.code(404).send();
    const me = await reads.read(caller.email, request.body.variables?.first ?? 20);
    await ownRows(
      "audit",
      `insert into audit_entry (id, at, event, actor_role, subject_ref, purpose, request_id, coordinates, categories,
         sources, mac)
       values ($1, $2, 'READ', 'SUBJECT', $3, 'DATA_SUBJECT_RIGHTS', $4, $5, $6, $7, '')`,
      [randomUUID(), new Date(), subject, request.id, audit.coordinates, audit.categories, audit.sources],
    );
    return { data: { me } };
  });

  const address = await app.listen({ port: 0, host: "127.0.0.1" });
  const close = async () => {
    await app.close();
    await Promise.all([reads.close(), own.end()]);
  };
  return { ready: { url: `${address}/access` }, close };
});

/** As the gateway: the signature is checked once a minute, then the token is known by its hash. */
async function verifier(issuer: string) {
  const discovery = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
  const verified = new Map<string, Caller>();
  return async (authorization: string | undefined): Promise<Caller | null> => {
    const token = authorization?.startsWith("Bearer ") ? authorization.slice(7) : undefined;
    if (token === undefined) return null;
    const key = hash("sha256", token, "base64url");
    const known = verified.get(key);
    if (known !== undefined && Date.now() < known.until) return known;
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ["RS256", "PS256", "ES256"],
    });
    const { sub, exp = 0, email } = payload;
    if (sub === undefined || typeof email !== "string") return null;
    const caller = { sub, email: email.toLowerCase(), until: Math.min(exp * 1_000, Date.now() + 60_000) };
    verified.set(key, caller);
    return caller;
  };
}
