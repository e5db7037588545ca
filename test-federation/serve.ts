import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** On a port of its own, until it is disposed of. */
export async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
