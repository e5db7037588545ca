import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Mail } from "./mail-server.ts";
import type { Kept, Shelf } from "./shelf.ts";

/** Messages on the page at most. */
const shown = 50;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
article{border-top:1px solid #bbb;padding:1rem 0}h2{font-size:1.1rem;margin:0}p{margin:.2rem 0;color:#555;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.8rem 0 0}`;

const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** Everybody's mailbox: the newest messages that the gateway has sent. */
export function mailboxPage(app: FastifyInstance, mails: Shelf<Mail>): void {
  app.get("/", (_request, reply) => reply.headers(headers).send(page(mails.list().slice(-shown).reverse())));
}

function page(mails: readonly Kept<Mail>[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mailbox</title>
<style>${style}</style>
<h1>Mailbox</h1>
<p>What the gateway has written to persons, newest first. Nothing leaves this machine. Reload to see more.</p>
${mails.length === 0 ? "<p>No message yet.</p>" : mails.map(article).join("\n")}
</html>
`;
}

const article = ({ from, to, subject, text }: Mail) => `<article>
<h2>${escaped(subject)}</h2>
<p>To ${escaped(to)}, from ${escaped(from)}</p>
<pre>${escaped(text)}</pre>
</article>`;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
