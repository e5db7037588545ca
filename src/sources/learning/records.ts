import { Field, Float, ObjectType } from "type-graphql";
import { Personal } from "../../access/annotate.ts";
import type { PersonalLabel } from "../../access/labels.ts";
import { connectionOf } from "../connection.ts";
import { OtherDatum, otherLabel } from "../other.ts";
import { DateTime } from "../scalars.ts";
import { statementType } from "../statements.ts";

export const source = "learning";

type Label = Omit<PersonalLabel, "kind">;

const account = {
  source,
  category: "IDENTITY",
  purposes: ["TRAINING_DELIVERY"],
  retention: { period: "P2Y", after: "lastLoginAt" },
} as const satisfies Label;
const contact = { ...account, category: "CONTACT" } as const satisfies Label;
const employment = { ...account, category: "EMPLOYMENT" } as const satisfies Label;

const progress = {
  source,
  category: "LEARNING_PROGRESS",
  purposes: ["TRAINING_DELIVERY", "PROFILE_TAILORING"],
  retention: { period: "P5Y", after: "completedAt" },
} as const satisfies Label;

/** Which course it is: also counted, of nobody in particular. */
const course = {
  ...progress,
  purposes: ["TRAINING_DELIVERY", "PROFILE_TAILORING", "STATISTICS"],
} as const satisfies Label;

const survey = {
  source,
  category: "SURVEY_ANSWER",
  purposes: ["TRAINING_DELIVERY", "STATISTICS"],
  retention: { period: "P2Y", after: "answeredAt" },
} as const satisfies Label;

const session = {
  source,
  category: "TECHNICAL",
  purposes: ["TRAINING_DELIVERY", "TESTING"],
  retention: { period: "P90D", after: "startedAt" },
} as const satisfies Label;

@ObjectType({ simpleResolvers: true, description: "A level of a course, and how far the person came." })
@Personal(progress)
export class CourseProgress {
  @Field(() => String, { nullable: true })
  @Personal(course)
  course!: string | null;

  @Field(() => String, { nullable: true })
  level!: string | null;

  @Field(() => String, { nullable: true })
  status!: string | null;

  @Field(() => Float, { nullable: true, description: "Per cent." })
  score!: number | null;

  @Field(() => DateTime, { nullable: true })
  completedAt!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "An answer in a survey." })
@Personal(survey)
export class SurveyAnswer {
  @Field(() => String, { nullable: true })
  survey!: string | null;

  @Field(() => String, { nullable: true })
  question!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...survey, freeText: true })
  answer!: string | null;

  @Field(() => DateTime, { nullable: true })
  answeredAt!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "Technical traces of one use of the service." })
@Personal(session)
export class LearningSession {
  @Field(() => DateTime, { nullable: true })
  startedAt!: string | null;

  @Field(() => String, { nullable: true })
  browser!: string | null;

  @Field(() => String, { nullable: true })
  ipAddress!: string | null;

  @Field(() => Float, { nullable: true, description: "Milliseconds." })
  responseTimeMs!: number | null;
}

export const LearnerStatement = statementType("LearnerStatement", progress);
export const CourseProgressConnection = connectionOf(CourseProgress, "CourseProgress", progress);
export const SurveyAnswerConnection = connectionOf(SurveyAnswer, "SurveyAnswer", survey);
export const LearningSessionConnection = connectionOf(LearningSession, "LearningSession", session);

@ObjectType({
  simpleResolvers: true,
  description: "What the learning platform holds about a person. Credentials never enter the schema.",
})
@Personal(account)
export class LearnerRecord {
  @Field(() => String, { nullable: true })
  username!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  email!: string | null;

  @Field(() => String, { nullable: true })
  name!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(contact)
  phone!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(employment)
  jobTitle!: string | null;

  @Field(() => String, { nullable: true })
  @Personal(employment)
  organisation!: string | null;

  @Field(() => DateTime, { nullable: true })
  createdAt!: string | null;

  @Field(() => DateTime, { nullable: true })
  lastLoginAt!: string | null;

  @Field(() => [OtherDatum])
  @Personal({ ...otherLabel, source })
  other!: OtherDatum[];
}

/** What a mapping of this source names. */
export type LearnerField = Exclude<keyof LearnerRecord, "other">;
export type LearnerCollections = {
  courses: keyof CourseProgress;
  surveyAnswers: keyof SurveyAnswer;
  sessions: keyof LearningSession;
};

export const labels = { account, progress, course, survey, session };
