import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../../access/annotate.ts";
import { PageArguments } from "../connection.ts";
import { DataSubject } from "../data-subject.ts";
import {
  type About,
  connection,
  type Held,
  held,
  type SourceContext,
  statementsOn,
  wholeList,
} from "../held.ts";
import type { SourceModule } from "../module.ts";
import {
  Bounce,
  DeliveryConnection,
  labels,
  source,
  type SubscriberCollections,
  type SubscriberField,
  SubscriberRecord,
  Subscription,
  SubscriberStatement,
} from "./records.ts";

const documents = { subscriptions: "EVENT", deliveries: "EVENT", bounces: "EVENT" } as const;
/** What a statement is about is read by those who read that. */
const about = {
  subscriptions: labels.subscriber,
  deliveries: labels.delivery,
  bounces: labels.delivery,
} satisfies About<typeof documents>;

@Resolver(() => DataSubject)
class Branch {
  @FieldResolver(() => SubscriberRecord, { nullable: true })
  @Container
  mailing(@Root() subject: DataSubject, @Ctx() context: SourceContext) {
    return held(context, source, subject);
  }
}

@Resolver(() => SubscriberRecord)
class SubscriberGraph {
  @FieldResolver(() => [Subscription])
  @Personal(labels.subscriber)
  subscriptions(@Root() record: Held, @Ctx() context: SourceContext) {
    return wholeList(context, source, "subscriptions", record);
  }

  @FieldResolver(() => [Bounce])
  @Personal(labels.delivery)
  bounces(@Root() record: Held, @Ctx() context: SourceContext) {
    return wholeList(context, source, "bounces", record);
  }

  @FieldResolver(() => DeliveryConnection)
  @Personal(labels.delivery)
  deliveries(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "deliveries", record, page);
  }

  @FieldResolver(() => [SubscriberStatement], { description: "Newest first." })
  @Personal({ ...labels.delivery, freeText: true })
  statements(@Root() record: Held, @Ctx() context: SourceContext) {
    return statementsOn(context, source, record, about);
  }
}

export const mailing: SourceModule<"mailing", SubscriberField, SubscriberCollections> = {
  key: source,
  subjects: ["SUBSCRIBER"],
  documents,
  labels: {
    record: labels.subscriber,
    subscriptions: labels.subscriber,
    deliveries: labels.delivery,
    bounces: labels.delivery,
  },
  titles: {
    record: { nb: "Mottaker av nyhetsbrev", nn: "Mottakar av nyhendebrev", en: "Newsletter subscriber" },
    subscriptions: { nb: "Abonnementer", nn: "Abonnement", en: "Subscriptions" },
    deliveries: { nb: "Utsendelser", nn: "Utsendingar", en: "Deliveries" },
    bounces: { nb: "Avviste utsendelser", nn: "Avviste utsendingar", en: "Bounces" },
  },
  resolvers: [Branch, SubscriberGraph],
  dimensions: {
    LIST: { collection: "subscriptions", name: "list", namedBy: "ORGANISATION", label: labels.list },
  },
  profile: { name: "name", email: "address", phone: "phone" },
};
