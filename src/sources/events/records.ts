import { Field, ObjectType } from "type-graphql";
import { Personal } from "../../access/annotate.ts";
import type { PersonalLabel } from "../../access/labels.ts";
import { connectionOf } from "../connection.ts";
import { OtherDatum, otherLabel } from "../other.ts";
import { DateTime } from "../scalars.ts";
import { statementType } from "../statements.ts";

export const source = "events";

type Label = Omit<PersonalLabel, "kind">;

const participation = {
  source,
  category: "EVENT_PARTICIPATION",
  purposes: ["EVENT_ADMINISTRATION"],
  retention: { period: "P2Y", after: "startsAt" },
} as const satisfies Label;
/** Which event it is: also counted, of nobody in particular. */
const event = { ...participation, purposes: ["EVENT_ADMINISTRATION", "STATISTICS"] } as const satisfies Label;
const identity = { ...participation, category: "IDENTITY" } as const satisfies Label;
const contact = { ...participation, category: "CONTACT" } as const satisfies Label;

/** GDPR Art. 9(1): diet and access needs can reveal religion and health. */
const need = {
  ...participation,
  category: "SPECIAL_NEED",
  retention: { period: "P30D", after: "startsAt" },
  special: true,
  freeText: true,
} as const satisfies Label;

const entry = { ...participation, retention: { period: "P1Y", after: "enteredAt" } } as const satisfies Label;

@ObjectType({
  simpleResolvers: true,
  description: "A registration, with the contact details given at the time.",
})
@Personal(participation)
export class Registration {
  @Field(() => String, { nullable: true })
  @Personal(event)
  event!: string | null;

  @Field(() => DateTime, { nullable: true })
  @Personal(event)
  startsAt!: string | null;

  @Field(() => DateTime, { nullable: true })
  registeredAt!: string | null;

  @Field(() => String, { nullable: true })
  status!: string | null;

  @Field(() => Boolean, { nullable: true })
  attended!: boolean | null;

  @Field(() => String, { nullable: true })
  @Personal(identity)
  name!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  email!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  phone!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(need)
  dietaryNeeds!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(need)
  accessNeeds!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...participation, freeText: true })
  note!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "Taking part in a competition." })
@Personal(entry)
export class CompetitionEntry {
  @Field(() => String, { nullable: true })
  competition!: string | null;

  @Field(() => DateTime, { nullable: true })
  enteredAt!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...entry, freeText: true })
  answer!: string | null;

  @Field(() => Boolean, { nullable: true })
  won!: boolean | null;
}

export const AttendeeStatement = statementType("AttendeeStatement", participation);
export const RegistrationConnection = connectionOf(Registration, "Registration", participation);

@ObjectType({ simpleResolvers: true, description: "What the event system holds about a person." })
@Personal(identity)
export class AttendeeRecord {
  @Field(() => String, { nullable: true })
  name!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  email!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  phone!: string | null;

  @Field(() => [OtherDatum])
  @Personal({ ...otherLabel, source })
  other!: OtherDatum[];
}

/** What a mapping of this source names. */
export type AttendeeField = Exclude<keyof AttendeeRecord, "other">;
export type AttendeeCollections = {
  registrations: keyof Registration;
  competitionEntries: keyof CompetitionEntry;
};

export const labels = { identity, participation, event, entry, need };
