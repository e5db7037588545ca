import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

/** A mail server of this test's, as it is told to be. */
export interface TestMailServer {
  readonly port: number;
  /** The messages that it took, as they came. */
  readonly taken: readonly string[];
  /** How often somebody connected. */
  readonly connections: () => number;
}

export async function mailServer(options: SMTPServerOptions = {}): Promise<TestMailServer> {
  const taken: string[] = [];
  let connections = 0;
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    closeTimeout: 100,
    onData(stream, _session, answer) {
      stream.toArray().then(
        (chunks) => {
          taken.push(String(Buffer.concat(chunks)));
          answer();
        },
        (error: Error) => answer(error),
      );
    },
    ...options,
  });
  server.on("error", () => undefined);
  server.server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  onTestFinished(() => new Promise((closed) => server.close(closed)));
  return { port: (server.server.address() as AddressInfo).port, taken, connections: () => connections };
}

/** A server that has its own idea of the protocol: says something to each line, or hangs up on null. */
export async function oddServer(answer: (line: string) => string | null): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const say = (text: string | null) => (text === null ? socket.destroy() : socket.write(text));
    say(answer(""));
    socket.on("data", (data) => say(answer(String(data))));
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
