import { Ctx, Field, ID, Int, ObjectType, Query, Resolver } from "type-graphql";
import { OpenTo } from "../access/annotate.ts";
import type { Integrity } from "../audit/integrity.ts";

/** What the query about the trail's integrity has at hand. */
export interface AuditContext {
  readonly auditIntegrity: () => Promise<Integrity>;
}

@ObjectType({ simpleResolvers: true, description: "Whether the trail is as the gateway wrote it." })
@OpenTo("AUDITOR", "DPO")
export class AuditIntegrity implements Pick<Integrity, "intact" | "entries" | "firstBroken" | "head"> {
  @Field(() => Boolean)
  intact!: boolean;

  @Field(() => Int)
  entries!: number;

  @Field(() => ID, {
    nullable: true,
    description: "Sequence of the first entry that was changed, removed, inserted or moved.",
  })
  firstBroken!: string | null;

  @Field(() => String, {
    description: "Hexadecimal. Written down elsewhere, it tells later that nothing before it was cut off.",
  })
  head!: string;
}

@Resolver()
export class AuditQueries {
  @Query(() => AuditIntegrity, { description: "Recomputes the hash chain." })
  @OpenTo("AUDITOR", "DPO")
  auditIntegrity(@Ctx() { auditIntegrity }: AuditContext): Promise<Integrity> {
    return auditIntegrity();
  }
}
