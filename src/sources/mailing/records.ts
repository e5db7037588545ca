import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Personal } from "../../access/annotate.ts";
import type { PersonalLabel } from "../../access/labels.ts";
import { connectionOf } from "../connection.ts";
import { OtherDatum, otherLabel } from "../other.ts";
import { DateTime } from "../scalars.ts";
import { statementType } from "../statements.ts";

export const source = "mailing";

type Label = Omit<PersonalLabel, "kind">;

const subscriber = {
  source,
  category: "CONTACT",
  purposes: ["NEWSLETTER"],
  retention: { period: "P30D", after: "unsubscribedAt" },
} as const satisfies Label;

/** Which list it is: also counted, of nobody in particular. */
const list = { ...subscriber, purposes: ["NEWSLETTER", "STATISTICS"] } as const satisfies Label;

const delivery = {
  source,
  category: "EMAIL_ENGAGEMENT",
  purposes: ["NEWSLETTER", "PROFILE_TAILORING"],
  retention: { period: "P2Y", after: "sentAt" },
} as const satisfies Label;

export const SubscriberStatus = {
  ENABLED: "ENABLED",
  UNSUBSCRIBED: "UNSUBSCRIBED",
  BLOCKLISTED: "BLOCKLISTED",
} as const;
export type SubscriberStatus = keyof typeof SubscriberStatus;
registerEnumType(SubscriberStatus, {
  name: "SubscriberStatus",
  description: "Whether the e-mail tool may send to the person.",
});

@ObjectType({ simpleResolvers: true, description: "A mailing list that the person is or was on." })
@Personal(subscriber)
export class Subscription {
  @Field(() => String)
  @Personal(list)
  list!: string;

  @Field(() => String, { nullable: true })
  status!: string | null;

  @Field(() => DateTime, { nullable: true })
  subscribedAt!: string | null;

  @Field(() => DateTime, { nullable: true })
  unsubscribedAt!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "A link in an e-mail that the person followed." })
@Personal(delivery)
export class Click {
  @Field(() => String, { nullable: true })
  url!: string | null;

  @Field(() => DateTime, { nullable: true })
  at!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "An e-mail sent to the person, and what became of it." })
@Personal(delivery)
export class Delivery {
  @Field(() => String, { nullable: true })
  campaign!: string | null;

  @Field(() => DateTime, { nullable: true })
  sentAt!: string | null;

  @Field(() => DateTime, { nullable: true })
  openedAt!: string | null;

  @Field(() => DateTime, { nullable: true })
  repliedAt!: string | null;

  @Field(() => [Click])
  clicks!: Click[];
}

@ObjectType({ simpleResolvers: true, description: "An e-mail that came back undelivered." })
@Personal(delivery)
export class Bounce {
  @Field(() => DateTime, { nullable: true })
  at!: string | null;

  @Field(() => String, { nullable: true, description: "Whether for good (`hard`) or for now (`soft`)." })
  type!: string | null;

  @Field(() => String, { nullable: true, description: "What reported it." })
  source!: string | null;

  @Field(() => String, { nullable: true })
  campaign!: string | null;
}

export const SubscriberStatement = statementType("SubscriberStatement", delivery);
export const DeliveryConnection = connectionOf(Delivery, "Delivery", delivery);

@ObjectType({ simpleResolvers: true, description: "What the e-mail tool holds about a person." })
@Personal(subscriber)
export class SubscriberRecord {
  @Field(() => String)
  address!: string;

  @Field(() => SubscriberStatus)
  status!: SubscriberStatus;

  @Field(() => String, { nullable: true })
  @Personal({ ...subscriber, category: "IDENTITY" })
  name!: string | null;

  @Field(() => String, { nullable: true })
  phone!: string | null;

  @Field(() => [OtherDatum])
  @Personal({ ...otherLabel, source })
  other!: OtherDatum[];
}

/** What a mapping of this source names. */
export type SubscriberField = Exclude<keyof SubscriberRecord, "other">;
export type SubscriberCollections = {
  subscriptions: keyof Subscription;
  deliveries: Exclude<keyof Delivery, "clicks">;
  "deliveries.clicks": keyof Click;
  bounces: keyof Bounce;
};

export const labels = { subscriber, list, delivery };
