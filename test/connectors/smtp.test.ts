import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import PostalMime from "postal-mime";
import { describe, expect, onTestFinished, test } from "vitest";
import { createMailer, type SmtpSettings } from "../../src/connectors/smtp.ts";
import { freePort } from "../../src/demo/process/ports.ts";
import { safeError } from "../../src/http/safe-error.ts";
import { SourceFailure } from "../../src/sources/contract.ts";
import type { Mailer, Message } from "../../src/sources/mailer.ts";
import { mailServer, oddServer } from "./mail-server.ts";

const message: Message = {
  id: "0199c8a0-0000-7000-8000-000000000001",
  to: "kari.nordmann@example.com",
  subject: "Behandlinga av opplysningane dine blir ikkje lenger avgrensa – frå i morgon",
  text: "Hei Kari\n\nOpplysningane dine …\n",
};
const from = "personvern@intech.example";
const inTime = () => AbortSignal.timeout(5_000);

const mailerAt = (url: string, more: Partial<SmtpSettings["smtp"]> = {}, sender = "Intech AS") =>
  createMailer({ smtp: { url, unencrypted: false, timeLimit: 4_000, ...more }, from }, sender);

/** What the attempt was refused with; neither it nor what a log would say of it tells anything of the message. */
async function refusal(
  mailer: Mailer,
  sent: Partial<Message> = {},
  signal = inTime(),
): Promise<SourceFailure> {
  const error: unknown = await mailer.send({ ...message, ...sent }, { signal }).then(
    () => expect.fail("It was sent."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SourceFailure)) throw error;
  const said = inspect([error, safeError(error)], { depth: 10, showHidden: true });
  for (const secret of ["kari", "example.com", "Opplysningane", "avgrensa", "hemmelig"])
    expect(said.toLowerCase()).not.toContain(secret.toLowerCase());
  return error;
}

/** Header lines by lower-case name; a header that is there twice counts as two. */
const headersOf = (raw = "") =>
  raw
    .slice(0, raw.indexOf("\r\n\r\n"))
    .replaceAll(/\r\n[ \t]/g, " ")
    .split("\r\n")
    .map((line) => line.slice(0, line.indexOf(":")).toLowerCase());

describe("a message that arrives", () => {
  test("says who writes, to whom, and what", async () => {
    const server = await mailServer();
    await mailerAt(`smtp://127.0.0.1:${server.port}`).send(message, { signal: inTime() });
    const [raw = ""] = server.taken;
    const read = await PostalMime.parse(raw);
    expect(read).toMatchObject({
      from: { name: "Intech AS", address: from },
      to: [{ name: "", address: message.to }],
      subject: message.subject,
      messageId: `<${message.id}@intech.example>`,
      text: message.text,
      attachments: [],
    });
    expect(headersOf(raw).sort()).toEqual(
      "auto-submitted content-transfer-encoding content-type date from message-id mime-version subject to".split(
        " ",
      ),
    );
  });

  test("goes in an envelope of its own, from the sender to one person", async () => {
    const seen: unknown[] = [];
    const server = await mailServer({
      onRcptTo({ address }, { envelope }, answer) {
        seen.push(envelope.mailFrom && envelope.mailFrom.address, address);
        answer();
      },
    });
    await mailerAt(`smtp://127.0.0.1:${server.port}`).send(message, { signal: inTime() });
    expect(seen).toEqual([from, message.to]);
  });

  test("is known as the same one when it is sent again, and never as another", async () => {
    const server = await mailServer();
    const mailer = mailerAt(`smtp://127.0.0.1:${server.port}`);
    for (const id of ["1", "1", "1.", "1_2e_", "æ", "a b", "a>\r\nBcc: ola@example.com", "x".repeat(900)])
      await mailer.send({ ...message, id }, { signal: inTime() });
    const ids = await Promise.all(server.taken.map(async (raw) => (await PostalMime.parse(raw)).messageId));
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(7);
    for (const id of ids) expect(id).toMatch(/^<[\w.-]+@intech\.example>$/);
    for (const raw of server.taken) expect(headersOf(raw)).not.toContain("bcc");
  });

  test("is handed over with the credentials that the address holds", async () => {
    const seen: unknown[] = [];
    const server = await mailServer({
      authOptional: false,
      onAuth({ username, password }, _session, answer) {
        seen.push([username, password]);
        answer(null, { user: username });
      },
    });
    await mailerAt(`smtp://inn%40syn:p%3A%2F%20%25@127.0.0.1:${server.port}`).send(message, {
      signal: inTime(),
    });
    expect(seen).toEqual([["inn@syn", "p:/ %"]]);
    expect(server.taken).toHaveLength(1);
  });
});

describe("hostile values", () => {
  const breaks = ["\r\n", "\n", "\r", "\u2028", "\u0085", "\0", "\r\n\r\n"];

  test.each(breaks)("a subject and a sender's name cannot break out of their header by %j", async (end) => {
    const server = await mailServer();
    const mailer = mailerAt(`smtp://127.0.0.1:${server.port}`, {}, `Intech${end}Bcc: ola@example.com`);
    const subject = `Hei${end}Bcc: ola@example.com${end}${end}Kjøp`;
    await mailer.send({ ...message, subject }, { signal: inTime() });
    const [raw = ""] = server.taken;
    expect(headersOf(raw)).not.toContain("bcc");
    expect(await PostalMime.parse(raw)).toMatchObject({
      subject: "Hei Bcc: ola@example.com Kjøp",
      from: { name: "Intech Bcc: ola@example.com", address: from },
      text: message.text,
    });
  });

  test.each([
    "",
    "kari",
    "@example.com",
    "kari@",
    "kari@example.com, ola@example.com",
    "kari@example.com;ola@example.com",
    "Kari <kari@example.com>",
    "<kari@example.com>",
    "kari@example.com\r\nBcc: ola@example.com",
    "kari@example.com\0",
    "kari@example.com>\r\nRCPT TO:<ola@example.com",
    '"kari@example.com"@example.com',
    "kari(ola@example.com)@example.com",
    "kari@ola@example.com",
    "kari@[127.0.0.1]",
    "ka\u200bri@example.com",
    " kari@example.com",
  ])("%j is not one plain address: nothing is sent", async (to) => {
    const server = await mailServer();
    const mailer = mailerAt(`smtp://127.0.0.1:${server.port}`);
    expect(await refusal(mailer, { to })).toMatchObject({ reason: "FAILED" });
    expect(server.connections()).toBe(0);
  });

  test.each([
    "Hei\r\n.\r\nMAIL FROM:<ola@example.com>\r\n",
    "Hei\n.\nRCPT TO:<ola@example.com>\n",
    "Hei\r.\rQUIT\r",
    "Hei\n.\r\nDATA",
    ".",
    "..\n.",
  ])("a text cannot end the message before its end: %j", async (text) => {
    const server = await mailServer();
    await mailerAt(`smtp://127.0.0.1:${server.port}`).send({ ...message, text }, { signal: inTime() });
    expect(server.taken).toHaveLength(1);
    const words = (all = "") => all.split(/[\r\n]+/).filter((line) => line !== "");
    expect(words((await PostalMime.parse(server.taken[0] ?? "")).text)).toEqual(words(text));
  });

  test("a huge text arrives whole", async () => {
    const server = await mailServer();
    const text = `${"blåbær ".repeat(200_000)}slutt`;
    await mailerAt(`smtp://127.0.0.1:${server.port}`).send({ ...message, text }, { signal: inTime() });
    expect((await PostalMime.parse(server.taken[0] ?? "")).text?.trimEnd()).toBe(text);
  });

  test("a text that is no text but names a file or an address reads neither", async () => {
    let read = 0;
    const web = createServer((_request, response) => {
      read++;
      response.end("from elsewhere");
    }).listen(0, "127.0.0.1");
    await once(web, "listening");
    onTestFinished(() => void web.close());
    const server = await mailServer();
    const mailer = mailerAt(`smtp://127.0.0.1:${server.port}`);
    const { port } = web.address() as AddressInfo;
    for (const where of [{ path: "/etc/hostname" }, { href: `http://127.0.0.1:${port}/` }]) {
      const text = JSON.parse(JSON.stringify(where)) as string;
      expect(await refusal(mailer, { text })).toMatchObject({ reason: "FAILED" });
    }
    expect(server.taken).toEqual([]);
    expect(read).toBe(0);
  });

  test("options in the address change nothing", async () => {
    const server = await mailServer();
    const proxy = await mailServer();
    const options = `?proxy=http%3A%2F%2F127.0.0.1%3A${proxy.port}&host=127.0.0.2&logger=true&debug=true`;
    await mailerAt(`smtp://127.0.0.1:${server.port}/${options}`).send(message, { signal: inTime() });
    expect(server.taken).toHaveLength(1);
    expect(proxy.connections()).toBe(0);
  });
});

describe("a server that does not take it", () => {
  const refusing = (responseCode: number) => Object.assign(new Error(`No ${message.to}`), { responseCode });

  test("nobody listens", async () => {
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${await freePort(0)}`))).toMatchObject({
      reason: "UNREACHABLE",
      cause: { code: "ECONNREFUSED" },
    });
  });
  test("no such host", async () => {
    expect(await refusal(mailerAt("smtp://mail.invalid"))).toMatchObject({ reason: "UNREACHABLE" });
  });
  test.each([
    [421, "UNREACHABLE"],
    [554, "FAILED"],
  ])("greets with %i", async (code, reason) => {
    const { port } = await mailServer({ onConnect: (_session, answer) => answer(refusing(code)) });
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`))).toMatchObject({ reason, cause: { code } });
  });
  test.each([450, 451, 452, 550, 552, 553])("refuses the recipient with %i", async (code) => {
    const { port } = await mailServer({ onRcptTo: (_address, _session, answer) => answer(refusing(code)) });
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`))).toMatchObject({
      reason: "FAILED",
      cause: { code },
    });
  });
  test("does not know our credentials", async () => {
    const { port } = await mailServer({
      authOptional: false,
      onAuth: (_auth, _session, answer) => answer(refusing(535)),
    });
    expect(await refusal(mailerAt(`smtp://innsyn:hemmelig@127.0.0.1:${port}`))).toMatchObject({
      reason: "FAILED",
      cause: { code: 535 },
    });
  });
  test("finds it too large", async () => {
    const { port } = await mailServer({ size: 10_000, rejectOversized: true });
    const text = "x".repeat(20_000);
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`), { text })).toMatchObject({ reason: "FAILED" });
  });
  test("refuses it once it has it all", async () => {
    const { port } = await mailServer({
      onData(stream, _session, answer) {
        stream.resume().once("end", () => answer(refusing(554)));
      },
    });
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`))).toMatchObject({ reason: "FAILED" });
  });
  test.each<[string, (line: string) => string | null, string]>([
    ["hangs up at once", () => null, "UNREACHABLE"],
    ["hangs up when spoken to", (line) => (line === "" ? "220 hei\r\n" : null), "UNREACHABLE"],
    ["speaks another protocol", () => "HTTP/1.1 400 kari.nordmann@example.com\r\n", "FAILED"],
    ["answers nonsense", (line) => (line === "" ? "220 hei\r\n" : "kari!\r\n"), "FAILED"],
  ])("%s", async (_, answer, reason) => {
    const port = await oddServer(answer);
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`))).toMatchObject({ reason });
  });
});

describe("time", () => {
  test.each<[string, (line: string) => string]>([
    ["never greets", () => ""],
    ["greets and falls silent", (line) => (line === "" ? "220 hei\r\n" : "")],
  ])("a server that %s", async (_, answer) => {
    const port = await oddServer(answer);
    const began = performance.now();
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`, { timeLimit: 150 }))).toMatchObject({
      reason: "TIMED_OUT",
    });
    expect(performance.now() - began).toBeLessThan(1_500);
  });
  test("a server that takes it too late has not taken it, as far as we know", async () => {
    const { port } = await mailServer({
      onData(stream, _session, answer) {
        stream.resume().once("end", () => void delay(600).then(() => answer(), answer));
      },
    });
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${port}`), {}, AbortSignal.timeout(200))).toMatchObject({
      reason: "TIMED_OUT",
    });
  });
  test("whose time is up before is not tried", async () => {
    const server = await mailServer();
    expect(await refusal(mailerAt(`smtp://127.0.0.1:${server.port}`), {}, AbortSignal.abort())).toMatchObject(
      { reason: "TIMED_OUT" },
    );
    expect(server.connections()).toBe(0);
  });
});

describe("encryption", () => {
  // Leads to this machine, and is none of its names.
  const elsewhere = "127.1";

  test("another machine that offers none gets nothing, unless the configuration says so", async () => {
    const server = await mailServer();
    const url = `smtp://${elsewhere}:${server.port}`;
    expect(await refusal(mailerAt(url))).toMatchObject({ reason: "FAILED" });
    expect(server.taken).toEqual([]);
    await mailerAt(url, { unencrypted: true }).send(message, { signal: inTime() });
    expect(server.taken).toHaveLength(1);
  });
  test.each([
    ["STARTTLS", "smtp", { disabledCommands: [] }],
    ["TLS from the start", "smtps", { secure: true }],
  ])("a certificate that nobody vouches for is not taken: %s", async (_, scheme, options) => {
    const server = await mailServer(options);
    const mailer = mailerAt(`${scheme}://${elsewhere}:${server.port}`);
    expect(await refusal(mailer)).toMatchObject({ reason: "UNREACHABLE", cause: { code: /CERT/ } });
    expect(server.taken).toEqual([]);
  });
});

test("without a mail server nobody can be written to, and it says so", async () => {
  const mailer = createMailer(undefined, "Intech AS");
  expect(mailer.reachable).toBe(false);
  expect(await refusal(mailer)).toMatchObject({ reason: "UNREACHABLE" });
  await mailer.close();
});

test("credentials do not stand on the mailer, where they could be logged", async () => {
  const mailer = mailerAt("smtp://innsyn:hemmelig@127.0.0.1:1");
  expect(mailer.reachable).toBe(true);
  expect(inspect(mailer, { depth: 10, showHidden: true })).not.toContain("hemmelig");
  await mailer.close();
});
