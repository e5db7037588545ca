import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../../access/annotate.ts";
import { PageArguments } from "../connection.ts";
import { DataSubject } from "../data-subject.ts";
import { type About, connection, type Held, held, type SourceContext, statementsOn } from "../held.ts";
import type { SourceModule } from "../module.ts";
import {
  CourseProgressConnection,
  labels,
  type LearnerCollections,
  type LearnerField,
  LearnerRecord,
  LearningSessionConnection,
  source,
  SurveyAnswerConnection,
  LearnerStatement,
} from "./records.ts";

const documents = { courses: "EVENT", surveyAnswers: "EVENT", sessions: "EVENT" } as const;
/** What a statement is about is read by those who read that. */
const about = {
  courses: labels.progress,
  surveyAnswers: labels.survey,
  sessions: labels.session,
} satisfies About<typeof documents>;

@Resolver(() => DataSubject)
class Branch {
  @FieldResolver(() => LearnerRecord, { nullable: true })
  @Container
  learning(@Root() subject: DataSubject, @Ctx() context: SourceContext) {
    return held(context, source, subject);
  }
}

@Resolver(() => LearnerRecord)
class LearnerGraph {
  @FieldResolver(() => CourseProgressConnection)
  @Personal(labels.progress)
  courses(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "courses", record, page);
  }

  @FieldResolver(() => SurveyAnswerConnection)
  @Personal(labels.survey)
  surveyAnswers(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "surveyAnswers", record, page);
  }

  @FieldResolver(() => LearningSessionConnection)
  @Personal(labels.session)
  sessions(
    @Root() record: Held,
    @Args(() => PageArguments) page: PageArguments,
    @Ctx() context: SourceContext,
  ) {
    return connection(context, source, "sessions", record, page);
  }

  @FieldResolver(() => [LearnerStatement], { description: "Newest first." })
  @Personal({ ...labels.progress, freeText: true })
  statements(@Root() record: Held, @Ctx() context: SourceContext) {
    return statementsOn(context, source, record, about);
  }
}

export const learning: SourceModule<"learning", LearnerField, LearnerCollections> = {
  key: source,
  subjects: ["LEARNER"],
  documents,
  labels: {
    record: labels.account,
    courses: labels.progress,
    surveyAnswers: labels.survey,
    sessions: labels.session,
  },
  titles: {
    record: { nb: "Bruker", nn: "Brukar", en: "Account" },
    courses: { nb: "Kurs", nn: "Kurs", en: "Courses" },
    surveyAnswers: { nb: "Svar på undersøkelser", nn: "Svar på undersøkingar", en: "Survey answers" },
    sessions: { nb: "Økter", nn: "Økter", en: "Sessions" },
  },
  resolvers: [Branch, LearnerGraph],
  dimensions: {
    COURSE: { collection: "courses", name: "course", namedBy: "ORGANISATION", label: labels.course },
  },
  profile: {
    name: "name",
    email: "email",
    phone: "phone",
    jobTitle: "jobTitle",
    organisation: "organisation",
  },
};
