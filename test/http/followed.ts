import { randomUUID } from "node:crypto";
import { decodeJwt, importJWK, SignJWT } from "jose";
import { loadSigningKeys } from "../../src/demo/identity/signing-keys.ts";
import type { Gateway } from "../setup/gateway.ts";
import { kari } from "../requests/world.ts";
import { openStream, type Opening } from "./event-stream.ts";

export const follow = `subscription Follow($id: ID!) {
  requestProgress(id: $id) { id status steps { source state lastError } timeline { event detail } }
}`;

export interface Followed {
  readonly requestProgress: {
    readonly id: string;
    readonly status: string;
    readonly steps: readonly {
      readonly source: string;
      readonly state: string;
      readonly lastError: string | null;
    }[];
    readonly timeline: readonly { readonly event: string; readonly detail: string | null }[];
  };
}

export interface Following extends Omit<Opening, "token"> {
  /** Null: nobody. */
  readonly as?: string | null;
  readonly replica?: number;
  readonly path?: string;
}

/** A client follows a request. */
export async function followed(
  gateway: Gateway,
  id: string,
  { as = kari, replica = 0, path = "", ...opening }: Following = {},
) {
  return openStream<Followed>(`${gateway.urls[replica]}/graphql/stream${path}`, {
    ...(as === null ? {} : { token: await gateway.token(as) }),
    body: { query: follow, variables: { id } },
    ...opening,
  });
}

/** An open request that nothing carries on by itself. */
export async function quietRequest(gateway: Gateway, as = kari): Promise<string> {
  const id = randomUUID();
  const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as });
  await gateway.rows(
    `insert into request (id, subject_id, kind, status, channel, received_at, due_at, language)
     values ($1, $2, 'ACCESS', 'AWAITING_DECISION', 'PORTAL', now(), now() + interval '30 days', 'nb')`,
    [id, data?.me.id],
  );
  return id;
}

/** Something happens to a request, and is told of. */
export async function happen(gateway: Gateway, id: string, event: string): Promise<void> {
  await gateway.rows(
    `with done as (insert into request_event (request_id, at, event) values ($1, now(), $2) returning request_id)
     select pg_notify('innsyn_request', request_id::text) from done`,
    [id, event],
  );
}

/** A token of the real issuer that ends so many seconds from now. */
export async function tokenFor(gateway: Gateway, email: string, seconds: number): Promise<string> {
  const [key] = await loadSigningKeys(gateway.identityFolder);
  return new SignJWT({
    ...decodeJwt(await gateway.token(email)),
    exp: Math.floor(Date.now() / 1000) + seconds,
  })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key.kid })
    .sign(await importJWK({ ...key, alg: "RS256" }, "RS256"));
}

/** What a metric of one replica says. */
export async function metric(gateway: Gateway, name: string, replica = 0): Promise<number> {
  const text = await (await fetch(`${gateway.urls[replica]}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

/** Resolves when it holds. */
export async function eventually(
  holds: () => Promise<boolean> | boolean,
  milliseconds = 5_000,
): Promise<void> {
  for (const end = Date.now() + milliseconds; !(await holds());) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
