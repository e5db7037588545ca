import type { IdentifierKind, Purpose } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { RectifiableField } from "./rectifiable.ts";
import type { PrivacyPolicies } from "./policies.ts";

/** What the controller states of itself and of its processing, by configuration. */
export interface Organisation {
  readonly controller: ControllerDetails;
  /** Art. 37; null: none is designated. */
  readonly dataProtectionOfficer: ContactDetails | null;
  readonly supervisoryAuthority: { readonly name: string; readonly url: string };
  readonly recipients: readonly RecipientDetails[];
  readonly consents: readonly AskedConsent[];
  /** Art. 15(1)(h). */
  readonly automatedDecisions: Text;
  /** Art. 15(1)(g): where data comes from that the person did not give. */
  readonly sourcesOfData: readonly Text[];
  /** Art. 32: what the organisation does besides what the gateway does. */
  readonly securityMeasures: readonly Text[];
}

export interface ContactDetails {
  readonly name: string;
  readonly email: string;
  readonly phone?: string | undefined;
}

/** What persons are asked to consent to. */
export interface AskedConsent {
  readonly purpose: Purpose;
  readonly wording: Text;
  readonly withdrawal: Text;
}

/** Absent: no consent to the purpose is asked for. */
export const askedFor = ({ consents }: Pick<Organisation, "consents">, purpose: Purpose) =>
  consents.find((asked) => asked.purpose === purpose);

export interface ControllerDetails {
  readonly name: string;
  readonly organisationNumber: string;
  readonly postalAddress: string;
  readonly email: string;
  readonly phone: string;
}

export interface RecipientDetails {
  readonly name: string;
  readonly role: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly purposes: readonly Purpose[];
  /** GDPR Art. 46; required outside the EEA. */
  readonly transferSafeguard?: string | undefined;
  /** What they know persons by. */
  readonly identifiedBy: readonly IdentifierKind[];
  /** Facts that they have been given. */
  readonly receives: readonly RectifiableField[];
}

export interface OrganisationContext {
  readonly organisation: Organisation;
  readonly privacyPolicies: PrivacyPolicies;
  readonly connected: readonly ConnectedSource[];
}
