import { Field, ID, InputType } from "type-graphql";
import type { ActsFor } from "./actor.ts";

/** For whom a mutation is called: what the inputs of all of them have. */
@InputType()
export abstract class ActsForInput implements ActsFor {
  @Field(() => ID, { nullable: true, description: "Absent: the signed-in person." })
  subjectId?: string | null;

  @Field(() => ID, { nullable: true, description: "The request that staff act on." })
  requestId?: string | null;
}
