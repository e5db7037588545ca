import { Ctx, Query, Resolver } from "type-graphql";
import { EntersAsSelf, SignedIn } from "../access/annotate.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import type { GatewayContext } from "./context.ts";

@Resolver()
export class MeQuery {
  @Query(() => DataSubject, {
    nullable: true,
    description: "The signed-in person; null only for a caller who is nobody's data subject.",
  })
  @SignedIn
  @EntersAsSelf
  me(@Ctx() { self }: GatewayContext): Promise<Subject | null> {
    return self();
  }
}
