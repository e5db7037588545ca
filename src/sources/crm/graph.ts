import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../../access/annotate.ts";
import { PageArguments } from "../connection.ts";
import { DataSubject } from "../data-subject.ts";
import {
  type About,
  connection,
  type Held,
  held,
  nestedList,
  ofPerson,
  type SourceContext,
  statementsOn,
  statementsOnRow,
  wholeList,
} from "../held.ts";
import type { SourceModule } from "../module.ts";
import {
  ConversationConnection,
  type CustomerCollections,
  type CustomerField,
  CustomerRecord,
  CustomerStatement,
  Enrichment,
  labels,
  Order,
  OrderConnection,
  OrderLine,
  OrderReturn,
  OrderStatement,
  source,
} from "./records.ts";

const documents = { orders: "SALES", conversations: "EVENT", enrichments: "CLAIM" } as const;
/** What a statement is about is read by those who read that. */
const about = {
  orders: labels.order,
  conversations: labels.conversation,
  enrichments: labels.enrichment,
} satisfies About<typeof documents>;

@Resolver(() => DataSubject)
class Branch {
  @FieldResolver(() => CustomerRecord, { nullable: true })
  @Container
  crm(@Root() subject: DataSubject, @Ctx() context: SourceContext) {
    return held(context, source, subject);
  }
}

@Resolver(() => CustomerRecord)
class CustomerGraph {
  @FieldResolver(() => ConversationConnection)
  @Personal(labels.conversation)
  conversations(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "conversations", record, page);
  }

  @FieldResolver(() => OrderConnection)
  @Personal(labels.order)
  orders(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return ofPerson(connection<Order>(context, source, "orders", record, page), record);
  }

  @FieldResolver(() => [Enrichment])
  @Personal(labels.enrichment)
  enrichments(@Root() record: Held, @Ctx() context: SourceContext) {
    return wholeList(context, source, "enrichments", record);
  }

  @FieldResolver(() => [CustomerStatement], { description: "Newest first." })
  @Personal({ ...labels.conversation, freeText: true })
  statements(@Root() record: Held, @Ctx() context: SourceContext) {
    return statementsOn(context, source, record, about);
  }
}

@Resolver(() => Order)
class OrderGraph {
  @FieldResolver(() => [OrderLine])
  @Personal(labels.order)
  lines(@Root() order: Order, @Ctx() context: SourceContext) {
    return nestedList(context, source, "orders.lines", order);
  }

  @FieldResolver(() => [OrderReturn])
  @Personal(labels.order)
  returns(@Root() order: Order, @Ctx() context: SourceContext) {
    return nestedList(context, source, "orders.returns", order);
  }

  @FieldResolver(() => [OrderStatement], {
    description: "What the person has to say of the order; newest first.",
  })
  @Personal({ ...labels.order, freeText: true })
  statements(@Root() order: Order, @Ctx() context: SourceContext) {
    return statementsOnRow(context, source, order, { recordType: "orders", name: order.number });
  }
}

export const crm: SourceModule<"crm", CustomerField, CustomerCollections> = {
  key: source,
  subjects: ["CUSTOMER"],
  documents,
  labels: {
    record: labels.customer,
    orders: labels.order,
    conversations: labels.conversation,
    enrichments: labels.enrichment,
  },
  titles: {
    record: { nb: "Kunde", nn: "Kunde", en: "Customer" },
    orders: { nb: "Ordrer", nn: "Ordrar", en: "Orders" },
    conversations: { nb: "Samtaler", nn: "Samtalar", en: "Conversations" },
    enrichments: {
      nb: "Opplysninger fra andre",
      nn: "Opplysningar frå andre",
      en: "Data from other parties",
    },
  },
  resolvers: [Branch, CustomerGraph, OrderGraph],
  profile: {
    name: "name",
    email: "email",
    phone: "phone",
    jobTitle: "jobTitle",
    organisation: "organisation",
    postalAddress: "postalAddress",
  },
};
