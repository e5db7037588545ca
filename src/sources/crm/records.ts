import { Field, Float, ID, ObjectType } from "type-graphql";
import { Personal } from "../../access/annotate.ts";
import type { PersonalLabel } from "../../access/labels.ts";
import { connectionOf } from "../connection.ts";
import { OtherDatum, otherLabel } from "../other.ts";
import { DateOnly, DateTime } from "../scalars.ts";
import { statementType } from "../statements.ts";

export const source = "crm";

type Label = Omit<PersonalLabel, "kind">;

const customer = {
  source,
  category: "IDENTITY",
  purposes: [
    "CUSTOMER_INFORMATION",
    "ORDER_FULFILMENT",
    "RETURNS_AND_WARRANTY",
    "CUSTOMER_SUPPORT",
    "BOOKKEEPING",
    "PURCHASE_BASED_MARKETING",
  ],
  retention: { period: "P2Y", after: "lastActivityAt" },
  keptBy: [{ ground: "PARTY_TO_SALE", asLongAs: ["orders", "conversations"], partOf: "SALES_DOCUMENT" }],
} as const satisfies Label;
const contact = { ...customer, category: "CONTACT" } as const satisfies Label;
const employment = { ...customer, category: "EMPLOYMENT" } as const satisfies Label;

const conversation = {
  source,
  category: "CONVERSATION",
  purposes: ["CUSTOMER_SUPPORT", "ORDER_FULFILMENT", "RETURNS_AND_WARRANTY"],
  retention: { period: "P3Y6M", after: "at", fromEndOfAccountingYear: true },
  keptBy: [{ ground: "SECONDARY_DOCUMENTATION", onlyWith: "order" }],
} as const satisfies Label;

const order = {
  source,
  category: "PURCHASE",
  purposes: ["ORDER_FULFILMENT", "RETURNS_AND_WARRANTY", "BOOKKEEPING", "PURCHASE_BASED_MARKETING"],
  retention: { period: "P5Y", after: "orderedAt", fromEndOfAccountingYear: true },
  keptBy: [{ ground: "SALES_DOCUMENT" }, { ground: "WARRANTY", until: "warrantyUntil" }],
} as const satisfies Label;

const enrichment = {
  source,
  category: "ENRICHMENT",
  purposes: ["PROFILE_TAILORING"],
  retention: { period: "P1Y", after: "obtainedAt" },
} as const satisfies Label;

@ObjectType({ simpleResolvers: true, description: "Part of the dialogue with the person." })
@Personal(conversation)
export class Conversation {
  @Field(() => DateTime, { nullable: true })
  at!: string | null;

  @Field(() => String, { nullable: true })
  channel!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...conversation, freeText: true })
  subject!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...conversation, freeText: true })
  body!: string | null;

  @Field(() => String, { nullable: true })
  handledBy!: string | null;

  @Field(() => String, { nullable: true, description: "Number of the order that it is about." })
  order!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Kept because the law orders it, and used for nothing else (GDPR Art. 18).",
  })
  restricted!: boolean | null;

  @Field(() => DateOnly, { nullable: true })
  retainedUntil!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "What was ordered." })
@Personal(order)
export class OrderLine {
  @Field(() => String, { nullable: true })
  product!: string | null;

  @Field(() => Float, { nullable: true })
  quantity!: number | null;

  @Field(() => String, { nullable: true, description: "Decimal, in the order's currency." })
  unitPrice!: string | null;

  @Field(() => String, { nullable: true, description: "Decimal, in the order's currency." })
  amount!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "Goods sent back." })
@Personal(order)
export class OrderReturn {
  @Field(() => DateTime, { nullable: true })
  returnedAt!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...order, freeText: true })
  reason!: string | null;

  @Field(() => String, { nullable: true })
  status!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "A sales document (bokføringsloven § 13)." })
@Personal(order)
export class Order {
  @Field(() => ID)
  number!: string;

  @Field(() => DateTime, { nullable: true })
  orderedAt!: string | null;

  @Field(() => String, { nullable: true, description: "Decimal, in `currency`." })
  total!: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217." })
  currency!: string | null;

  @Field(() => String, { nullable: true })
  status!: string | null;

  @Field(() => DateOnly, { nullable: true })
  warrantyUntil!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Kept because the law orders it, and used for nothing else (GDPR Art. 18).",
  })
  restricted!: boolean | null;

  @Field(() => DateOnly, { nullable: true })
  retainedUntil!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "Data from another party (GDPR Art. 14)." })
@Personal(enrichment)
export class Enrichment {
  @Field(() => String)
  attribute!: string;

  @Field(() => String, { nullable: true })
  value!: string | null;

  @Field(() => String, { nullable: true, description: "Who it came from." })
  provider!: string | null;

  @Field(() => DateTime, { nullable: true })
  obtainedAt!: string | null;
}

export const CustomerStatement = statementType("CustomerStatement", conversation);
export const OrderStatement = statementType("OrderStatement", order);
export const ConversationConnection = connectionOf(Conversation, "Conversation", conversation);
export const OrderConnection = connectionOf(Order, "Order", order);

@ObjectType({ simpleResolvers: true, description: "What the CRM holds about a person." })
@Personal(customer)
export class CustomerRecord {
  @Field(() => ID)
  customerNumber!: string;

  @Field(() => String, { nullable: true })
  name!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  email!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  phone!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(employment)
  jobTitle!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(employment)
  organisation!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  postalAddress!: string | null;

  @Field(() => DateOnly, { nullable: true })
  customerSince!: string | null;

  @Field(() => DateTime, { nullable: true })
  lastActivityAt!: string | null;

  @Field(() => [OtherDatum])
  @Personal({ ...otherLabel, source })
  other!: OtherDatum[];
}

/** What a mapping of this source names. */
export type CustomerField = Exclude<keyof CustomerRecord, "other">;
export type CustomerCollections = {
  conversations: keyof Conversation;
  orders: keyof Order;
  "orders.lines": keyof OrderLine;
  "orders.returns": keyof OrderReturn;
  enrichments: keyof Enrichment;
};

export const labels = { customer, conversation, order, enrichment };
