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
  type AttendeeCollections,
  type AttendeeField,
  AttendeeRecord,
  CompetitionEntry,
  labels,
  RegistrationConnection,
  source,
  AttendeeStatement,
} from "./records.ts";

const documents = { registrations: "EVENT", competitionEntries: "EVENT" } as const;
/** What a statement is about is read by those who read that. */
const about = {
  registrations: labels.participation,
  competitionEntries: labels.entry,
} satisfies About<typeof documents>;

@Resolver(() => DataSubject)
class Branch {
  @FieldResolver(() => AttendeeRecord, { nullable: true })
  @Container
  events(@Root() subject: DataSubject, @Ctx() context: SourceContext) {
    return held(context, source, subject);
  }
}

@Resolver(() => AttendeeRecord)
class AttendeeGraph {
  @FieldResolver(() => RegistrationConnection)
  @Personal(labels.participation)
  registrations(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "registrations", record, page);
  }

  @FieldResolver(() => [CompetitionEntry])
  @Personal(labels.entry)
  competitionEntries(@Root() record: Held, @Ctx() context: SourceContext) {
    return wholeList(context, source, "competitionEntries", record);
  }

  @FieldResolver(() => [AttendeeStatement], { description: "Newest first." })
  @Personal({ ...labels.participation, freeText: true })
  statements(@Root() record: Held, @Ctx() context: SourceContext) {
    return statementsOn(context, source, record, about);
  }
}

export const events: SourceModule<"events", AttendeeField, AttendeeCollections> = {
  key: source,
  subjects: ["PARTICIPANT"],
  documents,
  labels: {
    record: labels.identity,
    registrations: labels.participation,
    competitionEntries: labels.entry,
  },
  shorter: { registrations: { fields: ["dietaryNeeds", "accessNeeds"], label: labels.need } },
  titles: {
    record: { nb: "Deltaker", nn: "Deltakar", en: "Attendee" },
    registrations: { nb: "Påmeldinger", nn: "Påmeldingar", en: "Registrations" },
    competitionEntries: { nb: "Konkurranser", nn: "Konkurransar", en: "Competition entries" },
  },
  resolvers: [Branch, AttendeeGraph],
  dimensions: {
    EVENT: {
      collection: "registrations",
      name: "event",
      at: "startsAt",
      namedBy: "ORGANISATION",
      label: labels.event,
    },
  },
  profile: { name: "name", email: "email", phone: "phone" },
};
