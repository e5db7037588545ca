import { z } from "zod";
import { legalBases } from "../access/policy.ts";
import { IdentifierKind, Purpose } from "../access/vocabulary.ts";
import type { RestMapping } from "../connectors/rest/mapping.ts";
import type { SqlMapping } from "../connectors/sql/mapping.ts";
import { httpSettings } from "../http/settings.ts";
import type { roster, SourceKey } from "../sources/roster.ts";
import { identitySchema } from "./identity.ts";
import { messageSettings } from "./messages.ts";
import { processor, recipients } from "./parties.ts";

const text = z.string().min(1);
const inEveryLanguage = z.strictObject({ nb: text, nn: text, en: text });

const policyVersion = z.strictObject({
  version: text,
  publishedAt: z.date(),
  text,
  language: text,
  changes: text.nullable().default(null),
  requiresConsent: z.boolean().default(false),
});

const consent = z.strictObject({
  purpose: z
    .enum(Purpose)
    .refine((purpose) => legalBases[purpose] === "CONSENT", "a purpose that does not stand on consent"),
  /** What the person says yes to. */
  wording: inEveryLanguage,
  /** How to withdraw: as easily as it was given (GDPR Art. 7(3)). */
  withdrawal: inEveryLanguage,
});

const organisation = z.strictObject({
  controller: z.strictObject({
    name: text,
    organisationNumber: text,
    postalAddress: text,
    email: text,
    phone: text,
  }),
  /** GDPR Art. 37; absent: none is designated. */
  dataProtectionOfficer: z
    .strictObject({ name: text, email: z.email(), phone: text.optional() })
    .nullable()
    .default(null),
  supervisoryAuthority: z
    .strictObject({ name: text, url: z.url() })
    .default({ name: "Datatilsynet", url: "https://www.datatilsynet.no" }),
  policies: z.array(policyVersion).min(1, "name at least one published privacy policy"),
  recipients,
  /** What persons are asked to consent to, in the words that they are shown; a purpose that is not here is not asked for. */
  consents: z.array(consent).default([]),
  automatedDecisions: inEveryLanguage,
  sourcesOfData: z.array(inEveryLanguage).default([]),
  /** What the organisation itself does to keep data secure (GDPR Art. 32), for the records of processing (Art. 30(1)(g)). */
  securityMeasures: z.array(inEveryLanguage).default([]),
});

/** How requests are carried out. */
const requestSettings = z.strictObject({
  /** Attempts after which a step that still waits for a system is shown to staff; it is tried on. */
  attempts: z.int().positive().default(8),
  firstRetrySeconds: z.number().positive().default(5),
  longestRetrySeconds: z.number().positive().default(3_600),
  /** For one attempt; a replica that is killed holds its steps up for as long, and five seconds more. */
  stepSeconds: z.int().positive().default(15),
  /** Between two looks for steps whose replica is gone. */
  recoverySeconds: z.int().positive().default(10),
  /** Between two looks for whom a system has stopped writing to of its own accord. */
  withdrawalsSeconds: z.int().positive().default(60),
  /** Between two looks for what the law keeps no longer of what persons have had erased. */
  retentionSeconds: z.int().positive().default(86_400),
  /** Between two looks through a system for whom was erased from it and has come up again. */
  scanSeconds: z.int().positive().default(86_400),
  /** Between two looks for archives that nobody has fetched in time. */
  exportsSeconds: z.int().positive().default(600),
  /** Between two looks for whom to tell of a version of the privacy policy. */
  policyNoticesSeconds: z.int().positive().default(30),
  /** Between the notice to the person and the end of a restriction that staff lift, or of an objection (GDPR Art. 18(3)). */
  liftNoticeSeconds: z
    .int()
    .nonnegative()
    .default(3 * 86_400),
  /** Between two looks whether the day's message to the data protection officer has been sent. */
  dailyMessageSeconds: z.int().positive().default(600),
  /** How long an answer waits for what can be done at once. */
  settleMilliseconds: z.int().nonnegative().default(3_000),
});

/** How persons have themselves erased (GDPR Art. 17). */
const erasureSettings = z.strictObject({
  stepUp: z
    .strictObject({
      /** Accepted values of `acr`; those of ID-porten, two-factor or stronger, unless said otherwise. */
      acrValues: z.array(text).min(1).default(["idporten-loa-substantial", "idporten-loa-high"]),
      /** Since the sign-in. */
      maxAgeSeconds: z.int().positive().default(300),
    })
    .prefault({}),
  /** In which an erasure can be taken back, before it begins. */
  graceSeconds: z
    .int()
    .nonnegative()
    .default(3 * 86_400),
  /** Whether the DPO decides first. */
  dpoDecides: z.boolean().default(false),
  /** For each system, when a plan is made. */
  planMilliseconds: z.int().positive().default(10_000),
});

/** How persons take along what is held (GDPR Art. 15(3), 20). */
const exportSettings = z.strictObject({
  /** How long an archive waits to be fetched. */
  keptSeconds: z
    .int()
    .positive()
    .default(7 * 86_400),
  /** How often a person may have one made within a day. */
  perDay: z.int().positive().default(5),
  /** `FREE_TEXT`: what persons ask for waits for the DPO, who looks through free text that may be about others. */
  review: z.enum(["NEVER", "FREE_TEXT"]).default("NEVER"),
});

/** One-time codes by which whoever asks by post or telephone shows who they are (GDPR Art. 12(6)). */
const identityCodeSettings = z.strictObject({
  /** For which a code counts. */
  minutes: z.int().positive().max(60).default(10),
  /** After which it counts no more. */
  tries: z.int().positive().max(10).default(5),
  /** Sent for one request. */
  perHour: z.int().positive().default(3),
  perDay: z.int().positive().default(10),
});

/** Anonymous counts of persons. */
const statisticsSettings = z.strictObject({
  /** Fewer persons are not shown as a group, and no difference between counts is either. */
  minimumGroupSize: z
    .int()
    .min(2, "a group of one is a person: at least 2, and the more the safer")
    .default(10),
  /** For each system, when it is counted. */
  countMilliseconds: z.int().positive().default(10_000),
});

const reference = z.strictObject({ kind: z.enum(IdentifierKind), to: text });

const source = z.strictObject({
  processor,
  /** Identifiers in this source's records that may lead to a person's record in another. */
  references: z.array(reference).default([]),
  /** How long the source may take for one request, in milliseconds. */
  timeLimit: z.int().positive().default(2_000),
  mapping: z.looseObject({ connector: z.enum(["sql", "rest"]) }),
});

/** A day that every year has, as `MM-DD`. */
const dayOfTheYear = z
  .string()
  .refine(
    (day) => /^\d\d-\d\d$/.test(day) && z.iso.date().safeParse(`2025-${day}`).success,
    "a day as MM-DD, such as 01-15",
  );

/** How what has no purpose left is reviewed (GDPR Art. 5(1)(e)). */
const retentionSettings = z.strictObject({
  /** The day on which the year's review is opened, for the DPO to approve; null: none is. */
  yearlyOn: dayOfTheYear.nullable().default("01-15"),
  /** Between two looks whether that day has come. */
  lookSeconds: z.int().positive().default(3_600),
  /** For one record type of a system. */
  surveySeconds: z.int().positive().default(120),
  /** How long an answer waits for the report. */
  reportMilliseconds: z.int().nonnegative().default(10_000),
});

export const configSchema = z.strictObject({
  organisation,
  identity: identitySchema,
  sources: z
    .record(z.string(), source)
    .refine((sources) => Object.keys(sources).length > 0, "connect at least one source"),
  /** How often one member of staff may search for persons. */
  searches: z
    .strictObject({ perMinute: z.int().positive(), perDay: z.int().positive() })
    .default({ perMinute: 30, perDay: 1_000 }),
  /** Whether persons are told by name which employee looked at them. */
  accessLog: z.strictObject({ employeeNames: z.boolean().default(false) }).default({ employeeNames: false }),
  requests: requestSettings.prefault({}),
  erasure: erasureSettings.prefault({}),
  exports: exportSettings.prefault({}),
  retention: retentionSettings.prefault({}),
  identityCodes: identityCodeSettings.prefault({}),
  statistics: statisticsSettings.prefault({}),
  /** Absent: nobody is written to. */
  messages: messageSettings.optional(),
  http: httpSettings.omit({ host: true, port: true }).partial().default({}),
});

type Module<K extends SourceKey> = Extract<(typeof roster)[number], { readonly key: K }>;
type Mapped<K extends SourceKey> = NonNullable<Module<K>["mapped"]>;

/** A mapping that names every field and collection of the source's records: one that is forgotten does not compile. */
export type SourceMapping<K extends SourceKey> =
  | SqlMapping<Mapped<K>["fields"], Mapped<K>["collections"]>
  | RestMapping<Mapped<K>["fields"], Mapped<K>["collections"]>;

type SourceConfig<K extends SourceKey> = Omit<z.input<typeof source>, "mapping"> & {
  readonly mapping: SourceMapping<K>;
};

export type InnsynConfig = Omit<z.input<typeof configSchema>, "sources"> & {
  readonly sources: { readonly [K in SourceKey]?: SourceConfig<K> };
};

/** For `innsyn.config.ts`: lets the editor complete and the compiler check. */
export const defineConfig = (config: InnsynConfig): InnsynConfig => config;
