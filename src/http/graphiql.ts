import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { GraphiqlSettings } from "./settings.ts";

// The same two levels up from src/http and from dist/http.
const pageFolder = new URL("../../public/graphiql/", import.meta.url);
const exampleFolder = new URL("../../docs/examples/", import.meta.url);

/** The package's form for browsers stands beside the one that is imported. */
const streamClient = new URL(
  "../umd/graphql-sse.min.js",
  pathToFileURL(createRequire(import.meta.url).resolve("graphql-sse")),
);

/** GraphiQL and its sign-in, all from this host; the browser talks to it and to the issuer alone. */
export async function serveGraphiql(app: FastifyInstance, settings: GraphiqlSettings): Promise<void> {
  const { issuer, clientId, scope, resource, audience, stepUp } = settings;
  const page = { issuer, clientId, scope, resource, audience, stepUp, examples: await readExamples() };
  const headers = { "content-security-policy": contentSecurityPolicy(issuer) };
  const html = await readFile(new URL("index.html", pageFolder), "utf8");
  app.get("/graphiql", (_request, reply) =>
    reply.headers(headers).type("text/html; charset=utf-8").send(html),
  );
  app.get("/graphiql/settings.json", (_request, reply) => reply.send(page));
  for (const [name, body] of await readAssets()) serveAsset(app, name, body);
}

/** The query documents that are offered, in alphabetical order of their files. */
async function readExamples(): Promise<string[]> {
  const names = (await readdir(exampleFolder)).filter((name) => name.endsWith(".graphql")).sort();
  return Promise.all(names.map((name) => readFile(new URL(name, exampleFolder), "utf8")));
}

/** The package holds the editor as strings, made for one page of ten megabytes; as files they need no inline script. */
async function readAssets(): Promise<[name: string, body: string][]> {
  const editor = await import("@graphql-yoga/render-graphiql/graphiql");
  return [
    ["graphiql.js", editor.js],
    ["graphiql.css", editor.css],
    ["editor.worker.js", editor.editorWorkerService],
    ["json.worker.js", editor.jsonWorker],
    ["graphql.worker.js", editor.graphqlWorker],
    ["graphql-sse.js", await readFile(streamClient, "utf8")],
    ["page.js", await readFile(new URL("page.js", pageFolder), "utf8")],
    ["page.css", await readFile(new URL("page.css", pageFolder), "utf8")],
  ];
}

function serveAsset(app: FastifyInstance, name: string, body: string): void {
  const type = name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  app.get(`/graphiql/${name}`, (request, reply): FastifyReply => {
    void reply.headers({ etag, "cache-control": "no-cache" }).type(type);
    return request.headers["if-none-match"] === etag ? reply.code(304).send() : reply.send(body);
  });
}

/** The editor writes its styles into the page and its icons as data URLs. No script is inline or from elsewhere. */
function contentSecurityPolicy(issuer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
