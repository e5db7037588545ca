import { hash } from "node:crypto";
import type { Account, Localised } from "./accounts.ts";

export type Language = "nb" | "nn" | "en";

/** Norwegian unless the browser asks for something else that we have. */
export function languageOf(ctx: { acceptsLanguages(...names: string[]): string | false }): Language {
  const best = ctx.acceptsLanguages("nb", "no", "nn", "en");
  return best === "nn" || best === "en" ? best : "nb";
}

const words = {
  nb: {
    title: "Logg inn i demoen",
    intro: "Velg hvem du vil være. Alle er oppdiktet, og ingen trenger passord.",
    mfa: "Tjenesten ber om sterk innlogging. Demoen regner den andre faktoren som godkjent.",
    people: "Personer",
    staff: "Ansatte, etter rolle",
    unknown: "Den adressen finnes ikke i demoen. Velg en fra listen.",
    failed: "Innloggingen kunne ikke fullføres",
    again: "Gå tilbake til siden du kom fra, og logg inn på nytt.",
  },
  nn: {
    title: "Logg inn i demoen",
    intro: "Vel kven du vil vere. Alle er oppdikta, og ingen treng passord.",
    mfa: "Tenesta ber om sterk innlogging. Demoen reknar den andre faktoren som godkjend.",
    people: "Personar",
    staff: "Tilsette, etter rolle",
    unknown: "Den adressa finst ikkje i demoen. Vel ei frå lista.",
    failed: "Innlogginga kunne ikkje fullførast",
    again: "Gå tilbake til sida du kom frå, og logg inn på nytt.",
  },
  en: {
    title: "Sign in to the demo",
    intro: "Choose whom to be. Everybody is invented, and nobody needs a password.",
    mfa: "The service asks for a strong sign-in. The demo takes the second factor as given.",
    people: "Persons",
    staff: "Staff, by role",
    unknown: "That address is not in the demo. Choose one from the list.",
    failed: "The sign-in could not be completed",
    again: "Go back to the page you came from, and sign in again.",
  },
} as const;

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
ul { list-style: none; padding: 0 }
li { margin-block: .75rem }
button { font: inherit; text-align: start; width: 100%; padding: .6rem .9rem; border: 1px solid; border-radius: .4rem; cursor: pointer }
button strong { display: block }
li p { margin: .2rem .9rem }
[role=alert] { border-inline-start: .3rem solid; padding-inline-start: .8rem }
`;

/** Nothing but our own style is loaded or run. No `form-action`: it would stop the way back to the client. */
export const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; frame-ancestors 'none'`;

export interface SignInPage {
  readonly language: Language;
  readonly accounts: readonly Account[];
  readonly mfa: boolean;
  /** The address that was posted is nobody's. */
  readonly unknown: boolean;
}

/** One click signs in: the button's value is the account's address, and the form posts to the page's own address. */
export function signInPage({ language, accounts, mfa, unknown }: SignInPage): string {
  const text = words[language];
  const people = accounts.filter((account) => account.roles.length === 0);
  const staff = accounts.filter((account) => account.roles.length > 0);
  return page(
    language,
    text.title,
    `<p>${text.intro}</p>
${mfa ? `<p>${text.mfa}</p>` : ""}${unknown ? `<p role="alert">${text.unknown}</p>` : ""}
<form method="post">
${section("people", text.people, people, language)}
${section("staff", text.staff, staff, language)}
</form>`,
  );
}

/** `code`: of RFC 6749 §4.1.2.1, or our own; never anything of the person. */
export function errorPage(language: Language, code: string): string {
  const text = words[language];
  return page(
    language,
    text.failed,
    `<p role="alert">${text.again}</p><p><code>${escapeHtml(code)}</code></p>`,
  );
}

function section(id: string, heading: string, accounts: readonly Account[], language: Language): string {
  if (accounts.length === 0) return "";
  const items = accounts.map((account, index) => item(account, `${id}-${index}`, language));
  return `<section aria-labelledby="${id}"><h2 id="${id}">${heading}</h2><ul>${items.join("")}</ul></section>`;
}

function item({ emails: [email], name, about }: Account, id: string, language: Language): string {
  const button = `<strong>${escapeHtml(name)}</strong> ${escapeHtml(email)}`;
  const value = `name="account" value="${escapeHtml(email)}"`;
  if (about === undefined) return `<li><button ${value}>${button}</button></li>`;
  return `<li><button ${value} aria-describedby="${id}">${button}</button>${description(about, id, language)}</li>`;
}

function description(text: Localised, id: string, language: Language): string {
  const own = text[language] ?? (language === "nn" ? text.nb : undefined);
  const lang = own === undefined && language !== "en" ? ' lang="en"' : "";
  return `<p id="${id}"${lang}>${escapeHtml(own ?? text.en)}</p>`;
}

function page(language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
