import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../../access/annotate.ts";
import { PageArguments } from "../connection.ts";
import { DataSubject } from "../data-subject.ts";
import { connection, type Held, held, nestedList, type SourceContext, wholeList } from "../held.ts";
import type { SourceModule } from "../module.ts";
import {
  ConversationConnection,
  type CustomerCollections,
  type CustomerField,
  CustomerRecord,
  Enrichment,
  labels,
  Order,
  OrderConnection,
  OrderLine,
  OrderReturn,
  source,
} from "./records.ts";

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
    return connection(context, source, "orders", record, page);
  }

  @FieldResolver(() => [Enrichment])
  @Personal(labels.enrichment)
  enrichments(@Root() record: Held, @Ctx() context: SourceContext) {
    return wholeList(context, source, "enrichments", record);
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
}

export const crm: SourceModule<"crm", CustomerField, CustomerCollections> = {
  key: source,
  documents: { orders: "SALES", conversations: "EVENT", enrichments: "EVENT" },
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
