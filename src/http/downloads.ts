import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import parseRange from "range-parser";
import type { Complaints } from "../requests/complaints.ts";
import type { Links } from "../requests/context.ts";
import type { Downloads, DownloadRefusal, OpenDownload } from "../requests/downloads.ts";
import type { Authenticator } from "./authentication.ts";
import { callerOf, refuseUnknown } from "./bearer.ts";
import { answer, type HttpFault, notFound } from "./errors.ts";
import type { HttpSettings } from "./settings.ts";

export type DownloadParts = Downloads & Complaints & Pick<Authenticator, "authenticate">;

const path = "/downloads/";
const complaintPath = "/complaints/";

/** Links to archives and cases. What an archive's token is stands in no log: those name the route. */
export function linksFor(
  { protocol, host }: Pick<FastifyRequest, "protocol" | "host">,
  { publicUrl }: Pick<HttpSettings, "publicUrl">,
): Links {
  const from = publicUrl ?? `${protocol}://${host}`;
  return {
    download: (token) => `${from}${path}${token}`,
    complaint: (requestId) => `${from}${complaintPath}${requestId}`,
  };
}

const refusals: Readonly<Record<DownloadRefusal, HttpFault>> = {
  UNKNOWN: notFound,
  NOT_YOURS: {
    status: 403,
    code: "FORBIDDEN",
    message: {
      nb: "Arkivet er en annens",
      nn: "Arkivet er ein annan sitt",
      en: "The archive is somebody else's",
    },
  },
  GONE: {
    status: 410,
    code: "NOT_FOUND",
    message: {
      nb: "Arkivet er hentet, eller fristen er ute. Be om et nytt (requestExport)",
      nn: "Arkivet er henta, eller fristen er ute. Be om eit nytt (requestExport)",
      en: "The archive has been fetched, or its time is over. Ask for another (requestExport)",
    },
  },
};

const unsatisfiable: HttpFault = {
  status: 416,
  code: "BAD_USER_INPUT",
  message: {
    nb: "Arkivet har ikke så mange byte",
    nn: "Arkivet har ikkje så mange byte",
    en: "The archive does not have that many bytes",
  },
};

/** Archives of what persons take along (GDPR Art. 15(3), 20): resumable (RFC 9110, 14), and once. */
export function serveDownloads(
  app: FastifyInstance,
  downloads: DownloadParts,
  failed: (error: unknown) => void,
): void {
  const handler = async (request: FastifyRequest<{ Params: { token: string } }>, reply: FastifyReply) => {
    const principal = await callerOf(downloads, request);
    if (principal === null) return refuseUnknown(reply, request);
    const opened = await downloads.open(request.params.token, { principal, requestId: request.id });
    if (typeof opened === "string") return answer(reply, refusals[opened], request);
    return send(opened, request, reply, failed);
  };
  // Its own HEAD would say that there is nothing.
  app.route({ method: ["GET", "HEAD"], url: `${path}:token`, handler });
  serveComplaints(app, downloads);
}

/** Everything of a request in one file, for the supervisory authority (GDPR Art. 77). */
function serveComplaints(app: FastifyInstance, downloads: DownloadParts): void {
  app.get<{ Params: { id: string } }>(`${complaintPath}:id`, async (request, reply) => {
    const principal = await callerOf(downloads, request);
    if (principal === null) return refuseUnknown(reply, request);
    const asking = { principal, requestId: request.id, headOnly: request.method === "HEAD" };
    const bytes = await downloads.complaint(request.params.id, asking);
    if (bytes === null) return answer(reply, notFound, request);
    void reply
      .type("application/zip")
      .header("content-disposition", `attachment; filename="sak-${request.params.id}.zip"`);
    return reply.send(Readable.from(bytes, { objectMode: false }));
  });
}

interface Range {
  readonly start: number;
  readonly end: number;
}

async function send(
  archive: OpenDownload,
  request: FastifyRequest,
  reply: FastifyReply,
  failed: (error: unknown) => void,
): Promise<FastifyReply> {
  const { size, sha256, madeAt } = archive;
  const etag = `"${sha256}"`;
  const range = rangeIn(request, size, etag);
  if (range === "unsatisfiable")
    return answer(reply.header("content-range", `bytes */${size}`), unsatisfiable, request);
  // Before any header: what cannot be recorded is answered with a fault.
  if (request.method !== "HEAD") await archive.begin();
  const { start, end } = range ?? { start: 0, end: size - 1 };
  void reply.type("application/zip").headers({
    "accept-ranges": "bytes",
    etag,
    "content-disposition": `attachment; filename="innsyn-${madeAt.toISOString().slice(0, 10)}.zip"`,
    // RFC 9530.
    "repr-digest": `sha-256=:${Buffer.from(sha256, "hex").toString("base64")}:`,
    "content-length": end - start + 1,
  });
  if (range) void reply.code(206).header("content-range", `bytes ${start}-${end}/${size}`);
  if (request.method === "HEAD") return reply.send();
  return reply.send(counted(archive, { start, end }, reply, failed));
}

/** Null: the whole of it. Several ranges at once are answered with the whole (RFC 9110, 14.2). */
function rangeIn({ headers }: FastifyRequest, size: number, etag: string): Range | "unsatisfiable" | null {
  const condition = headers["if-range"];
  if (headers.range === undefined || (condition !== undefined && condition !== etag)) return null;
  const ranges = parseRange(size, headers.range);
  if (ranges === -1) return "unsatisfiable";
  if (ranges === -2 || ranges.type !== "bytes" || ranges.length !== 1) return null;
  return ranges[0] ?? null;
}

/** What the connection has taken when it closes is what has been sent. */
function counted(
  archive: OpenDownload,
  { start, end }: Range,
  reply: FastifyReply,
  failed: (error: unknown) => void,
): Readable {
  let sent = 0;
  const pieces = async function* () {
    for await (const piece of archive.bytes({ start, end })) {
      yield piece;
      sent += piece.length;
    }
  };
  reply.raw.once("close", () => {
    const isOver = reply.raw.writableFinished && start + sent === end + 1;
    if (sent > 0) archive.sent({ start, end: start + sent - 1 }, isOver).catch(failed);
  });
  return Readable.from(pieces(), { objectMode: false });
}
