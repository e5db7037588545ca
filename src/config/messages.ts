import { z } from "zod";
import type { SmtpSettings } from "../connectors/smtp.ts";
import { languages } from "../language/language.ts";

/** Options in the address could send what is to be said elsewhere, or into a log. */
const isServerAlone = (address: string) => {
  const { hostname, pathname, search, hash } = new URL(address);
  return (
    /^(\[[\d.:a-f]+\]|[\w.-]+)$/i.test(hostname) && /^\/?$/.test(pathname) && search === "" && hash === ""
  );
};

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** How persons are written to. */
export const messageSettings = z.strictObject({
  smtp: z.strictObject({
    url: z
      .url({
        protocol: /^smtps?$/,
        error:
          "a mail server: smtp://user:password@mail.example.org:587, or smtps://… for TLS from the start",
        abort: true,
      })
      .refine(isServerAlone, "a server, a port and credentials; nothing after them")
      .refine((address) => isDecodable(new URL(address)), {
        error: "write a % in user or password as %25",
      }),
    /** Whether a server on another machine is spoken to without TLS. */
    unencrypted: z.boolean().default(false),
    /** Milliseconds for one message. */
    timeLimit: z.int().positive().default(10_000),
  }),
  from: z.email("the address that messages come from, without a name"),
  /** Whom it is told once a day how many requests are open; absent: nobody. */
  dailyTo: z.email("the data protection officer's address, without a name").optional(),
  /** Of what staff are written to in. */
  language: z.enum(languages).default("nb"),
}) satisfies z.ZodType<SmtpSettings>;
