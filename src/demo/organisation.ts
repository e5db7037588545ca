import { readFileSync } from "node:fs";
import { defineConfig, type InnsynConfig } from "../config/define.ts";
import { demoConsents } from "./consents.ts";
import { mfaContext } from "./identity/settings.ts";
import { demoIdentity } from "./identity/demo-accounts.ts";
import type { Demo } from "./start.ts";
import { crmMapping } from "./systems/crm/mapping.ts";
import { eventsMapping } from "./systems/events/mapping.ts";
import { learningMapping } from "./systems/learning/mapping.ts";
import { mailingMapping } from "./systems/mailing/mapping.ts";
import { websiteMapping } from "./systems/website/mapping.ts";

/** The same two levels up from src/demo and from dist/demo. */
const policyText = new URL("../../src/demo/privacy-policy.nb.txt", import.meta.url);

export type DemoAddresses = Pick<Demo, "issuer" | "systems" | "outside">;

const processor = (name: string, agreement: string) => ({ name, country: "NO", agreement });

/** The controller of the published policy, with its systems and its partner. */
export function demoConfig({ issuer, systems, outside }: DemoAddresses): InnsynConfig {
  return defineConfig({
    organisation: {
      controller: {
        name: "Intech AS",
        organisationNumber: "983 040 225",
        postalAddress: "Postboks 246, 1301 Sandvika",
        email: "intech@intech.no",
        phone: "66 98 33 00",
      },
      dataProtectionOfficer: { name: "Personvernombudet i Intech AS", email: "dpo@intech.example" },
      policies: [
        {
          version: "2018-05-30",
          publishedAt: new Date("2018-05-30T00:00:00Z"),
          text: readFileSync(policyText, "utf8"),
          language: "nb",
        },
      ],
      recipients: [
        {
          name: "Meta Platforms Ireland Ltd",
          role: "PARTNER",
          country: "IE",
          purposes: ["PARTNER_MARKETING"],
          identifiedBy: ["EMAIL", "PHONE"],
          receives: ["NAME", "EMAIL", "PHONE"],
          notify: {
            url: new URL("/notices", outside.url).href,
            authentication: { scheme: "bearer", token: outside.partnerToken },
          },
        },
      ],
      consents: [...demoConsents],
      automatedDecisions: {
        nb: "Ingen avgjørelser om deg tas automatisk (artikkel 22).",
        nn: "Ingen avgjerder om deg blir tekne automatisk (artikkel 22).",
        en: "No decision about you is taken automatically (Art. 22).",
      },
      sourcesOfData: [
        {
          nb: "Deg selv, når du handler, melder deg på, lærer eller skriver til oss",
          nn: "Deg sjølv, når du handlar, melder deg på, lærer eller skriv til oss",
          en: "Yourself, when you buy, register, learn or write to us",
        },
        {
          nb: "Andre som beriker kundeopplysninger; hvem og når står ved hver opplysning",
          nn: "Andre som utfyller kundeopplysningar; kven og når står ved kvar opplysning",
          en: "Others who enrich customer data; who and when stands beside each datum",
        },
        {
          nb: "Sosiale medier, når du har samtykket",
          nn: "Sosiale medium, når du har samtykt",
          en: "Social media, where you have consented",
        },
      ],
      // As the policy promises.
      securityMeasures: [
        {
          nb: "Bare ansatte som trenger det, har tilgang til personopplysninger.",
          nn: "Berre tilsette som treng det, har tilgang til personopplysningar.",
          en: "Only employees who need it have access to personal data.",
        },
        {
          nb: "Alle leverandører er bundet av en databehandleravtale, og ingen behandler opplysninger utenfor EU/EØS.",
          nn: "Alle leverandørar er bundne av ein databehandlaravtale, og ingen behandlar opplysningar utanfor EU/EØS.",
          en: "Every supplier is bound by a data processing agreement, and none processes data outside the EU/EEA.",
        },
        {
          nb: "Passord lagres kryptert og er ikke tilgjengelig for noen.",
          nn: "Passord blir lagra kryptert og er ikkje tilgjengeleg for nokon.",
          en: "Passwords are stored encrypted and are available to nobody.",
        },
      ],
    },
    // Whoever tries it out does not wait long.
    requests: {
      firstRetrySeconds: 2,
      longestRetrySeconds: 10,
      withdrawalsSeconds: 10,
      scanSeconds: 30,
      liftNoticeSeconds: 10,
      policyNoticesSeconds: 5,
    },
    // Nobody who tries it out has anything to lose.
    erasure: { stepUp: { acrValues: [mfaContext] }, graceSeconds: 0 },
    messages: { smtp: { url: outside.smtpUrl }, from: "intech@intech.no", dailyTo: "dpo@intech.example" },
    identity: demoIdentity(issuer),
    sources: demoSources(systems),
  });
}

/** The systems, with who runs them (GDPR Art. 28). */
export function demoSources(systems: Demo["systems"]) {
  return {
    crm: {
      processor: processor("Kundesky AS", "DPA 2024-03 with Intech AS"),
      mapping: crmMapping(systems.crm),
    },
    learning: {
      processor: processor("Lærbar AS", "DPA 2023-11 with Intech AS"),
      references: [{ kind: "CUSTOMER_NUMBER", to: "crm" }],
      mapping: learningMapping(systems.learning),
    },
    mailing: {
      processor: processor("Brevdue AS", "DPA 2025-01 with Intech AS"),
      mapping: mailingMapping(systems.mailing),
    },
    events: {
      processor: processor("Påmelding AS", "DPA 2022-08 with Intech AS"),
      mapping: eventsMapping(systems.events),
    },
    website: {
      processor: processor("Nettverten AS", "DPA 2024-09 with Intech AS"),
      mapping: websiteMapping(systems.website),
    },
  } satisfies InnsynConfig["sources"];
}
