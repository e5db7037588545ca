import { createHash } from "node:crypto";
import type { Language, Text } from "../language/language.ts";

/** Text that is markup already. Whatever else is put into `markup` is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Cell = string | number | Markup;
type Part = Cell | readonly Part[];

export function markup(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(fixed.map((text, i) => (i === 0 ? text : shown(parts[i - 1] ?? "") + text)).join(""));
}

function shown(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(shown).join("");
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** Characters that mark up, and those that HTML has no way to write. */
const special = /[&<>"']|[^\P{Cc}\t\n\r]|\p{Cs}/gu;

const escaped = (text: string) => text.replace(special, (c) => entities[c] ?? "\uFFFD");

/** Norwegian first, English after it: whoever the person shows the page to can read it. Once, where they are the same. */
export const both = (text: Text, norwegian: Norwegian): Markup =>
  text[norwegian] === text.en
    ? markup`${text.en}`
    : markup`${text[norwegian]} <span class="en" lang="en">${text.en}</span>`;

export type Norwegian = Exclude<Language, "en">;
export const norwegianOf = (language: Language): Norwegian => (language === "nn" ? "nn" : "nb");

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 0 auto; padding: 1rem; }
.en { opacity: 0.75; font-style: italic; font-weight: normal; }
.first { border: 0.2rem solid; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: start; font-weight: bold; }
th, td { border: 1px solid; padding: 0.25rem 0.5rem; text-align: start; vertical-align: top; }
td { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 4rem; }
article { border-block-start: 1px solid; }
.letter { white-space: pre-wrap; overflow-wrap: anywhere; }
small { display: block; font-weight: normal; }
@media print { .wide { overflow: visible; } body { max-width: none; padding: 0; font-size: 0.7rem; } tr { break-inside: avoid; } }
`;
const styleHash = createHash("sha256").update(style).digest("base64");

/** Content-Security-Policy of a page, for the header as well where it is served: nothing is run, nothing is fetched. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/** The page stands alone: nothing is run, nothing is fetched, and it tells nobody that it is open. */
export const pageStart = (title: Text, norwegian: Norwegian) => markup`<!doctype html>
<html lang="${norwegian}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(pagePolicy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title[norwegian]} – ${title.en}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
<h1>${both(title, norwegian)}</h1>
`;

export const pageEnd = new Markup("</main>\n</body>\n</html>\n");
