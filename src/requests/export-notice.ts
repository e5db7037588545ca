import type { NoticeSection } from "../archive/contents.ts";
import type { Text } from "../language/language.ts";
import { authorities } from "./authorities.ts";
import type { ExportWork } from "./export-work.ts";
import { judicialRemedy, rightsTexts } from "./rights.ts";

interface Told extends Pick<ExportWork, "organisation" | "connected" | "purposes"> {
  /** Of the privacy policy. */
  readonly policyVersion: string;
}

/** What GDPR Art. 15(1)(a)-(h) and 15(2) ask to be told along with the data. */
export const noticeSections = (told: Told): readonly NoticeSection[] => [
  {
    title: { nb: "Behandlingsansvarlig", nn: "Behandlingsansvarleg", en: "Controller" },
    lines: controllerLines(told),
  },
  {
    title: {
      nb: "Formål, rettslig grunnlag, kategorier og lagringstid",
      nn: "Føremål, rettsleg grunnlag, kategoriar og lagringstid",
      en: "Purposes, legal basis, categories and storage periods",
    },
    lines: told.purposes.map(({ purpose, legalBasis, categories, retention }) =>
      same(
        `${purpose}: ${[legalBasis, categories.join(", "), retention.join(", ")].filter(Boolean).join("; ")}`,
      ),
    ),
  },
  {
    title: { nb: "Mottakere", nn: "Mottakarar", en: "Recipients" },
    lines: recipientLines(told),
  },
  {
    title: {
      nb: "Kilder til opplysninger som du ikke har gitt selv",
      nn: "Kjelder til opplysningar som du ikkje har gjeve sjølv",
      en: "Sources of data that you have not given yourself",
    },
    lines: told.organisation.sourcesOfData,
  },
  {
    title: { nb: "Automatiserte avgjørelser", nn: "Automatiserte avgjerder", en: "Automated decisions" },
    lines: [told.organisation.automatedDecisions],
  },
  {
    title: { nb: "Rettighetene dine", nn: "Rettane dine", en: "Your rights" },
    lines: rightsTexts,
  },
  {
    title: { nb: "Klage", nn: "Klage", en: "Complaint" },
    lines: [
      same(`${told.organisation.supervisoryAuthority.name}, ${told.organisation.supervisoryAuthority.url}`),
      judicialRemedy,
    ],
  },
];

const same = (text: string): Text => ({ nb: text, nn: text, en: text });

function controllerLines({ organisation: { controller }, policyVersion: version }: Told): readonly Text[] {
  const { name, organisationNumber, postalAddress, email, phone } = controller;
  return [
    same(`${name}, ${organisationNumber}`),
    same(`${postalAddress}, ${email}, ${phone}`),
    {
      nb: `Personvernerklæring: ${version}`,
      nn: `Personvernerklæring: ${version}`,
      en: `Privacy policy: ${version}`,
    },
  ];
}

function recipientLines({ organisation, connected }: Told): readonly Text[] {
  const processors = connected.map(({ processor: { name, country, transferSafeguard } }) =>
    same([name, "PROCESSOR", country, transferSafeguard].filter(Boolean).join(", ")),
  );
  const others = organisation.recipients.map(({ name, role, country, purposes, transferSafeguard }) =>
    same([name, role, country, ...purposes, transferSafeguard].filter(Boolean).join(", ")),
  );
  const { name, role, country, purposes } = authorities;
  const rest = [role, country, ...purposes].join(", ");
  const ordering = { nb: `${name.nb}, ${rest}`, nn: `${name.nn}, ${rest}`, en: `${name.en}, ${rest}` };
  return [...processors, ...others, ordering];
}
