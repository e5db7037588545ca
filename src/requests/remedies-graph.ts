import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Public } from "../access/annotate.ts";
import { Refusal, type RefusalCode } from "../subjects/refusal-graph.ts";
import type { RequestContext } from "./context.ts";
import { Authority } from "./notice-graph.ts";
import type { Organisation } from "./organisation.ts";
import { judicialRemedy } from "./rights.ts";

/** What is asked for is not done. Any other refusal says what to state differently, or that there is nothing to do. */
const ofRights: ReadonlySet<RefusalCode> = new Set([
  "NOT_RECTIFIABLE",
  "NO_LEGAL_GROUND",
  "IDENTITY_NOT_VERIFIED",
  "IDENTITY_AMBIGUOUS",
]);

@Resolver(() => Refusal)
export class RemediesGraph {
  @FieldResolver(() => Authority, {
    nullable: true,
    description:
      "Where what is asked for is not done (GDPR Art. 12(4)): with whom a complaint can be lodged (Art. 77).",
  })
  @Public
  complaintTo(
    @Root() { code }: Refusal,
    @Ctx() { organisation }: RequestContext,
  ): Organisation["supervisoryAuthority"] | null {
    return ofRights.has(code) ? organisation.supervisoryAuthority : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "As `complaintTo`: what a court can be asked (Art. 79), in the caller's language.",
  })
  @Public
  judicialRemedy(@Root() { code }: Refusal, @Ctx() { language }: RequestContext): string | null {
    return ofRights.has(code) ? judicialRemedy[language] : null;
  }
}
