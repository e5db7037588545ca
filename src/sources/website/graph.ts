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
  type SourceContext,
  statementsOn,
} from "../held.ts";
import type { SourceModule } from "../module.ts";
import {
  BrowserConnection,
  FormField,
  FormSubmission,
  FormSubmissionConnection,
  labels,
  source,
  VisitConnection,
  type VisitorCollections,
  type VisitorField,
  VisitorRecord,
  VisitorStatement,
} from "./records.ts";

const documents = { submissions: "EVENT", visits: "EVENT", browsers: "EVENT" } as const;
/** What a statement is about is read by those who read that. */
const about = {
  submissions: labels.submission,
  visits: labels.visit,
  browsers: labels.browser,
} satisfies About<typeof documents>;

@Resolver(() => DataSubject)
class Branch {
  @FieldResolver(() => VisitorRecord, { nullable: true })
  @Container
  website(@Root() subject: DataSubject, @Ctx() context: SourceContext) {
    return held(context, source, subject);
  }
}

@Resolver(() => VisitorRecord)
class VisitorGraph {
  @FieldResolver(() => FormSubmissionConnection)
  @Personal(labels.submission)
  submissions(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "submissions", record, page);
  }

  @FieldResolver(() => VisitConnection)
  @Personal(labels.visit)
  visits(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "visits", record, page);
  }

  @FieldResolver(() => BrowserConnection)
  @Personal(labels.browser)
  browsers(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "browsers", record, page);
  }

  @FieldResolver(() => [VisitorStatement], { description: "Newest first." })
  @Personal({ ...labels.submission, freeText: true })
  statements(@Root() record: Held, @Ctx() context: SourceContext) {
    return statementsOn(context, source, record, about);
  }
}

@Resolver(() => FormSubmission)
class FormSubmissionGraph {
  @FieldResolver(() => [FormField])
  @Personal(labels.submission)
  fields(@Root() submission: FormSubmission, @Ctx() context: SourceContext) {
    return nestedList(context, source, "submissions.fields", submission);
  }
}

export const website: SourceModule<"website", VisitorField, VisitorCollections> = {
  key: source,
  subjects: ["VISITOR"],
  documents,
  labels: {
    record: labels.visitor,
    submissions: labels.submission,
    visits: labels.visit,
    browsers: labels.browser,
  },
  titles: {
    record: { nb: "Besøkende på nettstedet", nn: "Vitjande på nettstaden", en: "Website visitor" },
    submissions: { nb: "Innsendte skjemaer", nn: "Innsende skjema", en: "Submitted forms" },
    visits: { nb: "Besøk", nn: "Besøk", en: "Visits" },
    browsers: { nb: "Nettlesere", nn: "Nettlesarar", en: "Browsers" },
  },
  words: {
    city: { nb: "By", nn: "By", en: "City" },
    device: { nb: "Enhet", nn: "Eining", en: "Device" },
    fields: { nb: "Felt", nn: "Felt", en: "Fields" },
    firstSeenAt: { nb: "Først sett", nn: "Først sett", en: "First seen" },
    form: { nb: "Skjema", nn: "Skjema", en: "Form" },
    lastSeenAt: { nb: "Sist sett", nn: "Sist sett", en: "Last seen" },
    recognisedAt: { nb: "Gjenkjent", nn: "Attkjend", en: "Recognised" },
    recognisedBy: { nb: "Gjenkjent ved", nn: "Attkjend ved", en: "Recognised by" },
    replyTo: { nb: "Svar til", nn: "Svar til", en: "Reply to" },
    settings: { nb: "Innstillinger", nn: "Innstillingar", en: "Settings" },
    shared: { nb: "Delt med andre", nn: "Delt med andre", en: "Shared with others" },
    submittedAt: { nb: "Sendt inn", nn: "Sendt inn", en: "Submitted" },
    visitorId: { nb: "Besøks-ID", nn: "Besøks-ID", en: "Visitor id" },
  },
  resolvers: [Branch, VisitorGraph, FormSubmissionGraph],
  dimensions: {
    COUNTRY: {
      collection: "visits",
      name: "country",
      namedBy: "PERSONS",
      label: labels.visit,
      alsoFor: ["MARKETING"],
    },
  },
  profile: { email: "email" },
};
