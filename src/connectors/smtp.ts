import { createTransport, type NodemailerError } from "nodemailer";
import { SourceFailure } from "../sources/contract.ts";
import type { Mailer, Message } from "../sources/mailer.ts";
import { isLoopback } from "./loopback.ts";

export interface SmtpSettings {
  readonly smtp: {
    /** `smtp://` or `smtps://`, with credentials where the server asks for them. */
    readonly url: string;
    /** Whether a server on another machine is spoken to without TLS. */
    readonly unencrypted: boolean;
    /** Milliseconds for one message. */
    readonly timeLimit: number;
  };
  /** The sender's address. */
  readonly from: string;
}

/** The name that a message comes from stands beside the address: the controller's. */
export function createMailer(settings: SmtpSettings | undefined, senderName: string): Mailer {
  if (settings === undefined) return nowhere;
  const { smtp, from } = settings;
  const transport = createTransport({
    ...serverOf(smtp),
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 30_000,
    socketCloseTimeout: 0,
  });
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return {
    reachable: true,
    async send({ id, to, subject, text }: Message, { signal }) {
      if (!isPlainAddress(to)) throw new SourceFailure("FAILED", { cause: coded("EENVELOPE") });
      const limited = AbortSignal.any([signal, AbortSignal.timeout(smtp.timeLimit)]);
      const message = {
        messageId: `<${nameOf(id)}@${domain}>`,
        from: { name: onOneLine(senderName), address: from },
        // Not parsed as a list: one message reaches one person.
        to: { name: "", address: to },
        subject: onOneLine(subject),
        text,
        // RFC 3834: nobody's holiday reply is wanted.
        headers: { "auto-submitted": "auto-generated" },
        signal: limited,
      };
      await transport.sendMail(message).catch((error: unknown) => {
        throw failureOf(error, limited);
      });
    },
    close: async () => transport.close(),
  };
}

const nowhere: Mailer = {
  reachable: false,
  send: () => Promise.reject(new SourceFailure("UNREACHABLE")),
  close: async () => undefined,
};

/** Of the address nothing but the server and the credentials counts: options in it could send messages elsewhere. */
function serverOf({ url, unencrypted }: SmtpSettings["smtp"]) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === "smtps:";
  const plain = unencrypted || isLoopback(hostname);
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !plain,
    ignoreTLS: plain,
    ...(username !== "" && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
  };
}

/** One addr-spec (RFC 5321) without quoting, comments or a second address. */
const isPlainAddress = (address: string) =>
  /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+$/u.test(address);

/** What would break out of a header becomes a space. */
const onOneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

/** Different for different ids, and only such characters as may stand in a Message-ID (RFC 5322, 3.6.4). */
const nameOf = (id: string) =>
  id.replaceAll(/[^A-Za-z0-9-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`);

/** The library's errors quote addresses and the server's words, which quote them too: nothing but codes is kept. */
function failureOf(error: unknown, signal: AbortSignal): SourceFailure {
  const { code = "", originalCode = code, responseCode } = error as NodemailerError;
  const cause = coded(responseCode ?? originalCode);
  if (signal.aborted || code === "ETIMEDOUT") return new SourceFailure("TIMED_OUT", { cause });
  return new SourceFailure(unreachable.has(responseCode ?? code) ? "UNREACHABLE" : "FAILED", { cause });
}

/** No connection, or none any more. 421: service not available (RFC 5321, 4.2.3). */
const unreachable = new Set<string | number>(["ESOCKET", "EDNS", "ECONNECTION", 421]);

const coded = (code: string | number) => Object.assign(new Error(String(code)), { code });
