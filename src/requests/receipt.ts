import { CompactSign } from "jose";
import { legalBases } from "../access/policy.ts";
import type { Purpose } from "../access/vocabulary.ts";
import type { SigningKey } from "../store/signing-key.ts";
import type { ConsentRow } from "../subjects/consents.ts";
import { type Language, languages } from "../language/language.ts";
import type { RequestContext } from "./context.ts";
import { askedFor } from "./organisation.ts";
import { rightsTexts } from "./rights.ts";

/** A compact JWS (RFC 7515) over a JSON record. */
export function signed(record: object, { privateKey, publicJwk }: SigningKey, type: string): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(record)))
    .setProtectedHeader({ alg: "ES256", kid: publicJwk.kid, typ: type })
    .sign(privateKey);
}

interface Receipted {
  readonly purpose: Purpose;
  readonly events: readonly ConsentRow[];
  readonly subjectId: string;
}

/** The consent record of ISO/IEC TS 27560, without anything that names the person. */
export function consentReceipt(
  { purpose, events, subjectId }: Receipted,
  { organisation, connected, purposes, language, requests }: RequestContext,
): Promise<string> {
  const { controller, supervisoryAuthority, recipients } = organisation;
  const latest = events.at(-1);
  const shownIn = languageOf(latest) ?? language;
  const summary = purposes.find((each) => each.purpose === purpose);
  const party = (role: string) => (role === "SUBJECT" ? subjectId : controller.organisationNumber);
  const record = {
    schema_version: "ISO/IEC TS 27560:2023",
    record_id: latest?.id,
    pii_principal_id: subjectId,
    issued_at: new Date().toISOString(),
    pii_processing: {
      privacy_notice: latest?.policy_version,
      language: latest?.language ?? null,
      purposes: [
        {
          purpose,
          purpose_description: latest?.wording ?? null,
          lawful_basis: legalBases[purpose],
          pii_information: (summary?.categories ?? []).map((category) => ({ pii_type: category })),
          pii_controllers: [controller.organisationNumber],
          collection_method: latest?.channel,
          storage_locations: [...new Set(connected.map(({ processor }) => processor.country))],
          retention_period: summary?.retention ?? [],
          recipient_third_parties: recipients
            .filter((recipient) => recipient.purposes.includes(purpose))
            .map(({ name }) => name),
          withdrawal_method: askedFor(organisation, purpose)?.withdrawal[shownIn] ?? null,
          privacy_rights: rightsTexts.map((text) => text[shownIn]),
        },
      ],
    },
    party_identification: [
      {
        party_id: controller.organisationNumber,
        party_role: "PII controller",
        party_name: controller.name,
        party_address: controller.postalAddress,
        party_email: controller.email,
        party_phone: controller.phone,
      },
      {
        party_id: supervisoryAuthority.url,
        party_role: "authority",
        party_name: supervisoryAuthority.name,
        party_url: supervisoryAuthority.url,
      },
    ],
    events: events.map(({ at, status, by_role, channel, policy_version, wording }) => ({
      event_time: at.toISOString(),
      event_type: "explicit",
      event_state: status === "GIVEN" ? "consent given" : "consent withdrawn",
      entity_id: party(by_role),
      entity_role: by_role,
      channel,
      privacy_notice: policy_version,
      wording,
    })),
  };
  return signed(record, requests.receiptKey, "consent-receipt+jws");
}

/** In which the person was shown what they said yes or no to. */
const languageOf = (event: ConsentRow | undefined): Language | undefined =>
  languages.find((each) => each === event?.language);
