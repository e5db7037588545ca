import { type ClassType, Field, ID, ObjectType } from "type-graphql";
import { Personal } from "../access/annotate.ts";
import { DateTime } from "./scalars.ts";

/** A supplementary statement (GDPR Art. 16): what a person has to say of a record that is not rewritten. */
export interface Statement {
  readonly id: string;
  /** As in `documents` of the source's module. */
  readonly recordType: string;
  /** Which one, as the person names it: the number of an order. Null: all of them. */
  readonly record: string | null;
  readonly text: string;
  readonly at: Date;
}

/** What the person has stated of what a source holds, newest first. */
export type Statements = (subjectId: string, source: string) => Promise<readonly Statement[]>;

type Label = Parameters<typeof Personal>[0];

/** The statements of a source, under the label of what they are about. */
export function statementType(name: string, about: Label): ClassType<Statement> {
  const label = { ...about, freeText: true } as const;

  @ObjectType(name, {
    simpleResolvers: true,
    description: "What the person has to say of a record that is not rewritten (GDPR Art. 16).",
  })
  @Personal(label)
  class SourceStatement implements Statement {
    @Field(() => ID)
    id!: string;

    @Field(() => String)
    recordType!: string;

    @Field(() => String, { nullable: true, description: "Which one, as the person names it." })
    record!: string | null;

    @Field(() => String)
    text!: string;

    @Field(() => DateTime)
    at!: Date;
  }
  return SourceStatement;
}
