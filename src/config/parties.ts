import { z } from "zod";
import { isOutsideEea } from "../access/eea.ts";
import { IdentifierKind, Purpose } from "../access/vocabulary.ts";
import type { NotifySettings, RecipientSettings } from "../connectors/recipients/http.ts";
import type { Authentication } from "../connectors/rest/mapping.ts";
import { RectifiableField } from "../requests/rectifiable.ts";
import type { Processor } from "../sources/contract.ts";
import { isProtected } from "./protected.ts";

const text = z.string().min(1);
const country = z.string().regex(/^[A-Z]{2}$/, "a country by ISO 3166-1 alpha-2, such as NO");

interface Transfer {
  readonly country: string;
  readonly transferSafeguard?: string | undefined;
}

/** GDPR Art. 44-46. */
const isSafeguarded = ({ country, transferSafeguard }: Transfer) =>
  !isOutsideEea(country) || transferSafeguard !== undefined;
const orSafeguard = {
  path: ["transferSafeguard"],
  error: "the country is outside the EEA: name the transfer safeguard (GDPR Art. 46), or use somebody inside",
};

/** GDPR Art. 28. */
export const processor = z
  .strictObject({ name: text, country, agreement: text, transferSafeguard: text.optional() })
  .refine(isSafeguarded, orSafeguard) satisfies z.ZodType<Processor>;

/** What may stand in a header (RFC 9110, 5.5), and nothing that ends it. */
const headerValue = z.string().regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, "printable ASCII");
const ownHeaders = ["accept", "content-length", "content-type", "host", "idempotency-key"];

const authentication = z.discriminatedUnion("scheme", [
  z.strictObject({
    scheme: z.literal("basic"),
    user: text.regex(/^[^:]*$/, "a user's name without a colon (RFC 7617)"),
    password: text,
  }),
  z.strictObject({
    scheme: z.literal("bearer"),
    token: z.string().regex(/^[\x21-\x7e]+$/, "printable ASCII without spaces (RFC 6750)"),
  }),
  z.strictObject({
    scheme: z.literal("header"),
    name: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "the name of a header (RFC 9110, 5.1)")
      .refine((name) => !ownHeaders.includes(name.toLowerCase()), "a header that the gateway sets itself"),
    value: headerValue,
  }),
]) satisfies z.ZodType<Authentication>;

const notify = z.strictObject({
  url: z
    .url({ error: "the address that notices are posted to", abort: true })
    .refine((address) => isProtected(new URL(address)), {
      error: "use https; http is for a recipient on this machine alone",
    })
    .refine((address) => new URL(address).username === "" && new URL(address).password === "", {
      error: "credentials go into `authentication`",
    }),
  authentication,
  /** Milliseconds for one notice. */
  timeLimit: z.int().positive().default(5_000),
}) satisfies z.ZodType<NotifySettings>;

const recipient = z
  .strictObject({
    name: text,
    role: text,
    country,
    purposes: z.array(z.enum(Purpose)),
    transferSafeguard: text.optional(),
    /** What they know persons by: no other identifier is given to them. */
    identifiedBy: z.array(z.enum(IdentifierKind)).min(1).default(["EMAIL"]),
    /** Facts that they have been given: of corrections of these they are told, and of no others. */
    receives: z.array(z.enum(RectifiableField)).default([]),
    /** Absent: staff tell them. */
    notify: notify.optional(),
  })
  .refine(isSafeguarded, orSafeguard) satisfies z.ZodType<RecipientSettings>;

/** To whom data is disclosed (GDPR Art. 4(9)), processors not among them. */
export const recipients = z
  .array(recipient)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "two recipients have one name")
  .default([]);
