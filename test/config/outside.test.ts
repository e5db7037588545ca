import { describe, expect, test } from "vitest";
import type { InnsynConfig } from "../../src/config/define.ts";
import { BadConfiguration } from "../../src/config/environment.ts";
import { validateConfig } from "../../src/config/load.ts";
import { demoConfig } from "../../src/demo/organisation.ts";

const good = demoConfig({
  issuer: "http://127.0.0.1:4001",
  systems: {
    crm: "postgres://x/crm",
    learning: "",
    events: "",
    website: "",
    mailing: { url: "http://127.0.0.1:1", user: "u", token: "t" },
  },
  outside: {
    url: "http://127.0.0.1:4003",
    partnerToken: "hemmelig",
    smtpUrl: "smtp://u:hemmelig@127.0.0.1:25",
  },
});
const [meta] = good.organisation.recipients ?? [];
const { notify, ...byHand } = meta!;

type Parts = Record<string, unknown>;
const withRecipients = (...recipients: readonly Parts[]) =>
  ({ ...good, organisation: { ...good.organisation, recipients } }) as InnsynConfig;
const withNotify = (more: Parts) => withRecipients({ ...byHand, notify: { ...notify, ...more } });
const withAuthentication = (authentication: Parts) => withNotify({ authentication });
const withMessages = (messages: Parts) =>
  ({ ...good, messages: { ...good.messages, ...messages } }) as InnsynConfig;
const withSmtp = (smtp: Parts) => withMessages({ smtp: { ...good.messages?.smtp, ...smtp } });

/** What the start is refused with; empty: it is not. Credentials are not repeated. */
function refusal(config: InnsynConfig): string {
  try {
    validateConfig(config, {});
    return "";
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    expect(error.message).not.toContain("hemmelig");
    return error.message;
  }
}

describe("recipients", () => {
  test("outside the EEA without a transfer safeguard: no start, as with processors", () => {
    for (const country of ["US", "GB", "CH"])
      expect(refusal(withRecipients({ ...meta, country }))).toMatch(
        /outside the EEA.*transfer safeguard.*Art\. 46[^]*organisation\.recipients\[0\]\.transferSafeguard/,
      );
    expect(refusal(withRecipients({ ...meta, country: "US", transferSafeguard: "SCC 2021/914" }))).toBe("");
    expect(refusal(withRecipients({ ...meta, country: "US", transferSafeguard: "" }))).not.toBe("");
    for (const country of ["NO", "IS", "DE"]) expect(refusal(withRecipients({ ...meta, country }))).toBe("");
  });

  test("two of one name could not be told apart", () => {
    expect(refusal(withRecipients(byHand, { ...byHand, role: "OTHER" }))).toContain("one name");
    expect(refusal(withRecipients(byHand, { ...byHand, name: "Somebody else" }))).toBe("");
  });

  test("need not take notices themselves", () => {
    const { recipients } = validateConfig(withRecipients(byHand), {});
    expect(recipients[0]?.notify).toBeUndefined();
  });

  test.each<[string, Parts]>([
    ["url", { url: undefined }],
    ["url", { url: "partner.example" }],
    ["url", { url: "ftp://partner.example/notices" }],
    ["url", { url: "http://partner.example/notices" }],
    ["url", { url: "https://innsyn:hemmelig@partner.example/notices" }],
    ["url", { url: "https://hemmelig@partner.example/notices" }],
    ["authentication", { authentication: undefined }],
    ["timeLimit", { timeLimit: 0 }],
    ["timeLimit", { timeLimit: 1.5 }],
    ["method", { method: "PUT" }],
  ])("notify.%s (%j)", (named, more) => {
    const message = refusal(withNotify(more));
    expect(message).toContain(named);
    expect(message).toContain("organisation.recipients[0].notify");
  });
  test.each([
    "https://partner.example/notices?of=innsyn",
    "https://[::1]:8443/",
    "http://localhost:4003/notices",
  ])("notify.url may be %s", (url) => expect(refusal(withNotify({ url }))).toBe(""));

  test.each<[string, Parts]>([
    ["scheme", { scheme: "digest", user: "u", password: "hemmelig" }],
    ["user", { scheme: "basic", user: "in:nsyn", password: "hemmelig" }],
    ["user", { scheme: "basic", user: "", password: "hemmelig" }],
    ["password", { scheme: "basic", user: "innsyn", password: "" }],
    ["token", { scheme: "bearer", token: "" }],
    ["token", { scheme: "bearer", token: "hemmelig\r\nx-other: 1" }],
    ["token", { scheme: "bearer", token: "hemmelig to" }],
    ["token", { scheme: "bearer", token: "hemmelig\u00e6" }],
    ["name", { scheme: "header", name: "X Key", value: "hemmelig" }],
    ["name", { scheme: "header", name: "X-Key:", value: "hemmelig" }],
    ["name", { scheme: "header", name: "X-Key\r\nX-Other", value: "hemmelig" }],
    ["name", { scheme: "header", name: "Idempotency-Key", value: "hemmelig" }],
    ["name", { scheme: "header", name: "Content-Type", value: "hemmelig" }],
    ["value", { scheme: "header", name: "X-Key", value: "hemmelig\nx-other: 1" }],
    ["value", { scheme: "header", name: "X-Key", value: " hemmelig" }],
    ["value", { scheme: "header", name: "X-Key", value: "" }],
    ["value", { scheme: "header", name: "X-Key" }],
  ])("notify.authentication.%s (%j)", (named, authentication) => {
    expect(refusal(withAuthentication(authentication))).toContain(
      `organisation.recipients[0].notify.authentication.${named}`,
    );
  });
  test.each<Parts>([
    { scheme: "basic", user: "innsyn", password: "p:å \n" },
    { scheme: "bearer", token: "a.b-c~d+e/f=" },
    { scheme: "header", name: "X-Api-Key", value: "k 3y" },
  ])("notify.authentication may be %j", (authentication) =>
    expect(refusal(withAuthentication(authentication))).toBe(""),
  );

  test("what is shown of the organisation does not have how they are reached", () => {
    const { organisation, recipients } = validateConfig(good, {});
    expect(organisation.recipients).toEqual([byHand]);
    expect(JSON.stringify(organisation)).not.toMatch(/hemmelig|4003/);
    expect(recipients[0]?.notify).toMatchObject({ timeLimit: 5_000, authentication: { token: "hemmelig" } });
  });
});

describe("messages", () => {
  test("need not be sent", () => {
    const { messages: _, ...silent } = good;
    expect(validateConfig(silent, {}).messages).toBeUndefined();
  });

  test.each<[string, Parts]>([
    ["url", { url: undefined }],
    ["url", { url: "mail.example.org" }],
    ["url", { url: "smtp:mail.example.org" }],
    ["url", { url: "smtp://" }],
    ["url", { url: "smtp://:25" }],
    ["url", { url: "http://u:hemmelig@mail.example.org" }],
    ["url", { url: "direct://mail.example.org" }],
    ["url", { url: "smtp://mail.example.org/path" }],
    ["url", { url: "smtp://u:hemmelig@mail.example.org/?proxy=http://elsewhere.example" }],
    ["url", { url: "smtp://mail.example.org?tls.rejectUnauthorized=false" }],
    ["url", { url: "smtp://mail.example.org#logger" }],
    ["url", { url: "smtp://u:hemmelig%@mail.example.org" }],
    ["url", { url: "smtp://u:hemmelig%ff@mail.example.org" }],
    ["url", { url: "smtp://mail%0d%0a.example.org" }],
    ["url", { url: "smtp://mail.example.org:99999" }],
    ["unencrypted", { unencrypted: "yes" }],
    ["timeLimit", { timeLimit: -1 }],
    ["host", { host: "elsewhere.example" }],
  ])("smtp.%s (%j)", (named, more) => {
    const message = refusal(withSmtp(more));
    expect(message).toContain(named);
    expect(message).toContain("messages.smtp");
  });
  test.each([
    "smtp://mail.example.org",
    "smtps://mail.example.org:465/",
    "smtp://inn%40syn:p%C3%A5%25@mail.example.org:587",
    "smtp://[2001:db8::25]:25",
    "smtp://10.0.0.25",
  ])("smtp.url may be %s", (url) => expect(refusal(withSmtp({ url }))).toBe(""));

  test.each([
    undefined,
    "",
    "intech",
    "Intech AS <intech@intech.no>",
    "intech@intech.no, andre@intech.no",
    "intech@intech.no\r\nBcc: ola@example.com",
    "intech@intech.no\n",
    "intech@intech.no>",
    "intech@[127.0.0.1]",
  ])("from %j is no address", (from) => {
    expect(refusal(withMessages({ from }))).toContain("messages.from");
  });
});
