import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createProvider } from "./provider.ts";
import type { IdentitySettings } from "./settings.ts";
import { signInHandler, signInPath } from "./sign-in.ts";
import { loadSigningKeys } from "./signing-keys.ts";

export interface Identity {
  /** `issuer`: the `iss` of its tokens. */
  readonly ready: { readonly issuer: string };
  readonly close: () => Promise<void>;
}

/** The demo's OpenID Connect issuer, on the loopback address. @throws a port that is taken (`EADDRINUSE`) */
export async function serveIdentity(settings: IdentitySettings): Promise<Identity> {
  const keys = await loadSigningKeys(settings.folder);
  const server = createServer();
  server.listen(settings.port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : settings.port;

  // The name of the issuer needs the port, so its provider comes after; no request is read before the next turn.
  const issuer = `http://127.0.0.1:${port}`;
  const provider = createProvider(issuer, settings, keys);
  provider.on("server_error", (_ctx, error) => report(error));
  server.on("request", listener(provider.callback(), signInHandler(provider, settings.accounts)));

  return {
    ready: { issuer },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listener(
  oidc: RequestListener,
  signIn: (...args: Parameters<RequestListener>) => Promise<void>,
): RequestListener {
  return (request, response) => {
    if (request.url?.startsWith(signInPath) !== true) return oidc(request, response);
    signIn(request, response).catch((error: unknown) => {
      report(error);
      response.writeHead(500).end();
    });
  };
}

/** The kind alone: a message may quote what a person sent. */
function report(error: unknown): void {
  const kind = error instanceof Error ? error.name : typeof error;
  process.stderr.write(`The demo's issuer failed: ${kind}\n`);
}
