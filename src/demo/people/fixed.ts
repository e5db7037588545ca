import type { Extent, Held, SystemKey } from "./person.ts";

/** A person whom the demo always has, and what is special. */
export interface FixedPerson {
  /** The address to sign in with. */
  readonly email: string;
  /** All addresses that the identity provider has verified, `email` first. */
  readonly emails: readonly string[];
  readonly name: string;
  readonly special: string;
  readonly held: Readonly<Partial<Record<SystemKey, Partial<Held>>>>;
  readonly extent?: Extent;
  readonly restricted?: boolean;
  readonly mistyped?: string;
  readonly familyBrowser?: string;
}

const everywhere = { crm: {}, learning: {}, events: {}, mailing: {}, website: {} } as const;
const bergs = "bergs-family-browser";

/** Persons to sign in as. */
export const fixedPeople: readonly FixedPerson[] = [
  {
    email: "kari.nordmann@example.com",
    emails: ["kari.nordmann@example.com"],
    name: "Kari Nordmann",
    special: "in all systems, about a hundred records, orders under and past the retention period",
    held: everywhere,
    extent: "full",
  },
  {
    email: "ola.nordmann@example.com",
    emails: ["ola.nordmann@example.com"],
    name: "Ola Nordmann",
    special: "in the learning platform and the event system only; an address he once gave is malformed",
    held: { learning: {}, events: {} },
    mistyped: "ola at example",
  },
  {
    email: "anne.berg@example.com",
    emails: ["anne.berg@example.com", "familien.berg@example.com"],
    name: "Anne Berg",
    special: "shares the CRM's mailbox with Per: the match needs review; and a browser",
    held: { ...everywhere, crm: { email: "familien.berg@example.com" } },
    familyBrowser: bergs,
  },
  {
    email: "per.berg@example.com",
    emails: ["per.berg@example.com", "familien.berg@example.com"],
    name: "Per Berg",
    special: "shares the CRM's mailbox with Anne: the match needs review; and a browser",
    held: { ...everywhere, crm: { email: "familien.berg@example.com" } },
    familyBrowser: bergs,
  },
  {
    email: "ingrid.aas@example.com",
    emails: ["ingrid.aas@example.com"],
    name: "Ingrid Aas",
    special: "formerly ingrid.lie@example.com, still so in the e-mail tool; married name in the CRM only",
    held: {
      crm: {},
      learning: { name: "Ingrid Lie" },
      events: { name: "Ingrid Lie" },
      mailing: { name: "Ingrid Lie", email: "ingrid.lie@example.com" },
    },
  },
  {
    // ø has no canonical decomposition (Unicode, UAX #15), so his address is the same in every form; his name is not.
    email: "bjørn.østby@example.com",
    emails: ["bjørn.østby@example.com"],
    name: "Bjørn André Østby",
    special:
      "mixed case in the CRM and the e-mail tool; his name is decomposed Unicode in the learning platform",
    held: {
      crm: { email: "Bjørn.ØSTBY@Example.com" },
      learning: { name: "Bjørn André Østby".normalize("NFD") },
      events: {},
      mailing: { email: "Bjørn.Østby@example.com" },
      website: { email: "bjørn.ØSTBY@example.com" },
    },
  },
  {
    email: "åse.håland@example.com",
    emails: ["åse.håland@example.com"],
    name: "Åse Håland",
    special:
      "the address itself is decomposed Unicode in the learning platform, and in upper case in the CRM",
    held: {
      crm: { email: "ÅSE.HÅLAND@EXAMPLE.COM" },
      learning: { email: "åse.håland@example.com".normalize("NFD") },
      events: {},
      website: { email: "åse.håland@example.com".normalize("NFD") },
    },
  },
  {
    email: "stor.leser@example.com",
    emails: ["stor.leser@example.com"],
    name: "Stor Leser",
    special: "20,000 deliveries of newsletters",
    held: everywhere,
    extent: "reader",
  },
  {
    email: "siv.stille@example.com",
    emails: ["siv.stille@example.com"],
    name: "Siv Stille",
    special: "processing is restricted",
    held: everywhere,
    restricted: true,
  },
  {
    email: "eva.enebo@example.com",
    emails: ["eva.enebo@example.com"],
    name: "Eva Enebo",
    special: "in the e-mail tool alone",
    held: { mailing: {} },
  },
  {
    email: "turid.moe@example.com",
    emails: ["turid.moe@example.com"],
    name: "Turid Moe",
    special:
      "in the CRM under an address that she no longer has; her customer number in the learning platform leads there",
    held: { crm: { email: "turid.moe@example.org" }, learning: {} },
  },
];

/** The made-up person that every system must always be able to show whole. */
export const canaryEmail = "kanarifugl@example.com";

/** Persons whom the demo always has, and nobody signs in as. */
export const bystanders: readonly FixedPerson[] = [
  {
    email: canaryEmail,
    emails: [canaryEmail],
    name: "Kanari Fugl",
    special: "the canary: every column filled in every system",
    held: everywhere,
    extent: "whole",
  },
  {
    email: "anne-kari.nordmann@example.com",
    emails: ["anne-kari.nordmann@example.com"],
    name: "Anne-Kari Nordmann",
    special: "her address contains Kari's: a look-up with wildcards finds both",
    held: everywhere,
  },
  {
    email: "kari_nordmann@example.com",
    emails: ["kari_nordmann@example.com"],
    name: "Kari Nordmann",
    special:
      "another person of the same name; the underscore of her address is a wildcard that matches Kari's",
    held: everywhere,
  },
  {
    email: "ola.hagen@example.org",
    emails: ["ola.hagen@example.org"],
    name: "Ola Hagen",
    special: "the address that the CRM and the website store is malformed",
    held: { crm: { email: "ola at example" }, website: { email: "ola at example" } },
  },
];
