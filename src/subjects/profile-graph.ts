import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../access/annotate.ts";
import type { SourceRecord } from "../sources/contract.ts";
import { DataSubject } from "../sources/data-subject.ts";
import type { ProfileField } from "../sources/module.ts";
import { DateTime } from "../sources/scalars.ts";
import { askEachSource, type ConnectedSource, type SubjectContext } from "./ask.ts";
import { computed } from "./labels.ts";
import { type HeldFact, type Unified, unify, versionOf } from "./unify.ts";

@ObjectType({ simpleResolvers: true, description: "A fact as one system holds it." })
@Personal(computed("IDENTITY"))
export class HeldValue {
  @Field(() => String)
  source!: string;

  @Field(() => String, { nullable: true })
  value!: string | null;

  @Field(() => String, { description: "Quote it in `FieldChange.expectedVersions`." })
  version!: string;

  @Field(() => DateTime, { nullable: true, description: "Where the system says so." })
  updatedAt!: string | null;

  @Field(() => Boolean, { description: "Whether `rectify` can change it in this system." })
  rectifiable!: boolean;
}

@ObjectType({ simpleResolvers: true, description: "A fact as every system holds it." })
@Personal(computed("IDENTITY"))
export class UnifiedValue implements Unified {
  @Field(() => String, {
    nullable: true,
    description: "What those who hold it agree on; null where they do not.",
  })
  value!: string | null;

  @Field(() => Boolean, { description: "Every system was asked, and those that hold the fact say the same." })
  agrees!: boolean;

  @Field(() => [HeldValue])
  heldBy!: HeldFact[];

  @Field(() => [String], {
    description: "Sources that could not be asked, or whose match staff must settle.",
  })
  unavailable!: string[];
}

@ObjectType({
  simpleResolvers: true,
  description: "The same fact as every system holds it. Disagreement is shown, never smoothed over.",
})
export class Profile {
  @Field(() => UnifiedValue)
  @Personal(computed("IDENTITY"))
  name!: Unified;

  @Field(() => UnifiedValue)
  @Personal(computed("CONTACT"))
  email!: Unified;

  @Field(() => UnifiedValue)
  @Personal(computed("CONTACT"))
  phone!: Unified;

  @Field(() => UnifiedValue)
  @Personal(computed("EMPLOYMENT"))
  jobTitle!: Unified;

  @Field(() => UnifiedValue)
  @Personal(computed("EMPLOYMENT"))
  organisation!: Unified;

  @Field(() => UnifiedValue)
  @Personal(computed("CONTACT"))
  postalAddress!: Unified;
}

@Resolver(() => DataSubject)
export class ProfileBranch {
  @FieldResolver(() => Profile)
  @Container
  async profile(@Root() subject: DataSubject, @Ctx() context: SubjectContext): Promise<Profile> {
    const answers = await Promise.all(askEachSource(context, subject));
    const fact = (field: ProfileField) => {
      const holders = answers.filter(({ module }) => module.profile[field] !== undefined);
      return unify(
        field,
        holders.flatMap((a) => (a.state === "HELD" ? [heldFact(a.module, field, a.record, subject)] : [])),
        holders.filter((a) => a.state !== "HELD" && a.state !== "NOT_HELD").map((a) => a.source),
      );
    };
    return {
      name: fact("name"),
      email: fact("email"),
      phone: fact("phone"),
      jobTitle: fact("jobTitle"),
      organisation: fact("organisation"),
      postalAddress: fact("postalAddress"),
    };
  }
}

function heldFact(
  { key: source, profile, capabilities }: ConnectedSource,
  field: ProfileField,
  record: SourceRecord,
  { keptIn }: Pick<DataSubject, "keptIn">,
): HeldFact {
  const column = profile[field];
  const held = column === undefined ? null : (record.fields[column] ?? null);
  const value = held === null ? null : String(held);
  return {
    source,
    value,
    version: versionOf(source, field, value),
    updatedAt: record.updatedAt ?? null,
    rectifiable: column !== undefined && capabilities.rectifies.has(column) && !keptIn.has(source),
  };
}
