import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { same } from "../../process/bearer.ts";
import type { OutsideSettings } from "./settings.ts";
import type { Shelf } from "./shelf.ts";

/** An e-mail as it was delivered. */
export interface Mail {
  /** Message-ID. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Bytes of one message at most. */
const messageBound = 1024 * 1024;

/** Takes e-mails to anybody, on the loopback interface alone, and passes none on. */
export async function serveMail(
  mails: Shelf<Mail>,
  { mailUser, isOpen }: Pick<OutsideSettings, "mailUser"> & { readonly isOpen: () => boolean },
): Promise<MailServer> {
  const server = new SMTPServer({
    logger: false,
    size: messageBound,
    rejectOversized: true,
    closeTimeout: 500,
    // It never leaves this machine.
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onConnect: (_session, done) => done(isOpen() ? null : refusal("Service not available", 421)),
    onAuth({ username = "", password }, _session, done) {
      const known = same(`${username}:${password ?? ""}`, `${mailUser.user}:${mailUser.password}`);
      if (known) done(null, { user: username });
      else done(refusal("Authentication credentials invalid", 535));
    },
    onData(stream, session, answer) {
      receive(stream, session).then(
        (mail) => {
          mails.put(mail.id, mail);
          answer();
        },
        () => answer(refusal("Transaction failed", 554)),
      );
    },
  });
  // A client that goes away in the middle is the client's affair.
  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return {
    port: (listening.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function receive(stream: SMTPServerDataStream, { envelope }: SMTPServerSession): Promise<Mail> {
  const raw: Buffer[] = [];
  for await (const chunk of stream) if (!stream.sizeExceeded) raw.push(chunk as Buffer);
  if (stream.sizeExceeded) throw new Error("Too large");
  const { messageId, subject, text } = await PostalMime.parse(Buffer.concat(raw));
  return {
    id: messageId ?? "",
    from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address).join(", "),
    subject: subject ?? "",
    text: text?.replace(/\n$/, "") ?? "",
  };
}

const refusal = (message: string, responseCode: number) =>
  Object.assign(new Error(message), { responseCode });
