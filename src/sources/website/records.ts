import { Field, ObjectType } from "type-graphql";
import { Personal } from "../../access/annotate.ts";
import type { PersonalLabel } from "../../access/labels.ts";
import { connectionOf } from "../connection.ts";
import { OtherDatum, otherLabel } from "../other.ts";
import { DateTime } from "../scalars.ts";
import { statementType } from "../statements.ts";

export const source = "website";

type Label = Omit<PersonalLabel, "kind">;

const visitor = {
  source,
  category: "CONTACT",
  purposes: ["CUSTOMER_SUPPORT"],
  retention: { period: "P2Y", after: "lastSeenAt" },
} as const satisfies Label;

const submission = {
  source,
  category: "CONVERSATION",
  purposes: ["CUSTOMER_SUPPORT"],
  retention: { period: "P1Y", after: "submittedAt" },
} as const satisfies Label;

/** Held to count visits, which is done without knowing whose they are; what is made of one person's stands on their yes. */
const visit = {
  source,
  category: "TECHNICAL",
  purposes: ["STATISTICS", "PROFILE_TAILORING"],
  retention: { period: "P90D", after: "at" },
} as const satisfies Label;

/** To know somebody again by a cookie is for no other purpose than what is made of their visits. */
const browser = {
  source,
  category: "TECHNICAL",
  purposes: ["PROFILE_TAILORING"],
  retention: { period: "P1Y", after: "recognisedAt" },
} as const satisfies Label;
const seen = { ...browser, retention: visitor.retention } as const satisfies Label;

@ObjectType({ simpleResolvers: true, description: "A field of a form, as the person filled it in." })
@Personal(submission)
export class FormField {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  @Personal({ ...submission, freeText: true })
  value!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "A form that the person has sent in." })
@Personal(submission)
export class FormSubmission {
  @Field(() => String, { nullable: true })
  form!: string | null;

  @Field(() => DateTime, { nullable: true })
  submittedAt!: string | null;

  @Field(() => String, { nullable: true, description: "The e-mail address as it was typed." })
  @Personal({ ...submission, category: "CONTACT" })
  replyTo!: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description:
    "A visit in a browser that this person alone has used. In one that several have used it is told of nobody.",
})
@Personal(visit)
export class Visit {
  @Field(() => DateTime, { nullable: true })
  at!: string | null;

  @Field(() => String, { nullable: true })
  ipAddress!: string | null;

  @Field(() => String, { nullable: true })
  device!: string | null;

  @Field(() => String, { nullable: true })
  browser!: string | null;

  @Field(() => String, { nullable: true, description: "What the browser told of itself, as it is held." })
  settings!: string | null;

  @Field(() => String, { nullable: true, description: "Worked out from the IP address." })
  country!: string | null;

  @Field(() => String, { nullable: true, description: "Worked out from the IP address." })
  city!: string | null;
}

@ObjectType({ simpleResolvers: true, description: "A browser that the person has said who they are in." })
@Personal(browser)
export class Browser {
  @Field(() => String, { nullable: true, description: "Which the website knows it by (a cookie)." })
  visitorId!: string | null;

  @Field(() => DateTime, { nullable: true })
  recognisedAt!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "How the person said it: in a form, or by signing in.",
  })
  recognisedBy!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Others have used it, too: whose its visits are cannot be told (GDPR Art. 11), and they are shown to nobody.",
  })
  shared!: boolean | null;
}

export const VisitorStatement = statementType("VisitorStatement", submission);
export const FormSubmissionConnection = connectionOf(FormSubmission, "FormSubmission", submission);
export const VisitConnection = connectionOf(Visit, "Visit", visit);
export const BrowserConnection = connectionOf(Browser, "Browser", browser);

@ObjectType({
  simpleResolvers: true,
  description: "What the website holds about a person who has said who they are.",
})
@Personal(visitor)
export class VisitorRecord {
  @Field(() => String, { nullable: true })
  email!: string | null;

  @Field(() => DateTime, { nullable: true })
  @Personal(seen)
  firstSeenAt!: string | null;

  @Field(() => DateTime, { nullable: true })
  @Personal(seen)
  lastSeenAt!: string | null;

  @Field(() => [OtherDatum])
  @Personal({ ...otherLabel, source })
  other!: OtherDatum[];
}

/** What a mapping of this source names. */
export type VisitorField = Exclude<keyof VisitorRecord, "other">;
export type VisitorCollections = {
  submissions: keyof FormSubmission;
  "submissions.fields": keyof FormField;
  visits: keyof Visit;
  browsers: keyof Browser;
};

export const labels = { visitor, submission, visit, browser };
