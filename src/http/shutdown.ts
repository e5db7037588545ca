import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Closing stops listening, ends idle connections and waits for running requests; what still runs after
 * `seconds` is cut off.
 */
export function closeInTime(app: FastifyInstance, seconds: number): void {
  const silent = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  app.server.prependListener("request", ({ socket }: IncomingMessage) => silent.delete(socket));
  let closing = false;
  let limit: NodeJS.Timeout | undefined;
  app.addHook("preClose", async () => {
    closing = true;
    // Node counts a connection as idle only once it has asked for something.
    for (const socket of silent) socket.destroy();
    limit = setTimeout(() => app.server.closeAllConnections(), seconds * 1000);
  });
  // A kept connection would hold the server open until the client lets go of it.
  app.addHook("onSend", async (_request, reply) => {
    if (closing) void reply.header("connection", "close");
  });
  app.server.on("close", () => clearTimeout(limit));
}
