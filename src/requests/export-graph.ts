import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Info,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from "type-graphql";
import { ChangedBy, EntersAsNamed, Personal } from "../access/annotate.ts";
import { DateTime } from "../sources/scalars.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import { ActsForInput } from "./acts-for-input.ts";
import type { RequestContext } from "./context.ts";
import { exportData } from "./export.ts";
import { rightsRequest } from "./labels.ts";
import { DataSubjectRequest, type RequestNode } from "./request-graph.ts";
import { answerWithRequest, type RequestPayload, RequestResult } from "./request-result.ts";
import { ExportFormat, RequestKind } from "./vocabulary.ts";

@ObjectType({
  simpleResolvers: true,
  description: "Where an archive can be fetched, by whoever it is for, signed in as themself, and once.",
})
@Personal(rightsRequest)
export class Download {
  @Field(() => String, { description: "Takes the same bearer token as this interface." })
  url!: string;

  @Field(() => DateTime)
  expiresAt!: Date;

  @Field(() => String, { nullable: true, description: "Of the archive, in lower-case hexadecimal." })
  sha256!: string | null;

  @Field(() => String, { description: "Bytes, as a decimal number." })
  size!: string;

  @Field(() => Boolean, {
    description:
      "Whether every system has been read. What is missing is named in the archive; it is made again then.",
  })
  isWhole!: boolean;
}

@InputType()
export class RequestExportInput extends ActsForInput {
  @Field(() => ExportFormat, { defaultValue: ExportFormat.JSON })
  format!: ExportFormat;

  @Field(() => RequestKind, {
    nullable: true,
    description:
      "`ACCESS` (GDPR Art. 15(3)): everything; `PORTABILITY` (Art. 20): what is processed by consent or for a contract. Absent: what the request that staff act on is about, or `ACCESS`.",
  })
  kind?: RequestKind | null;
}

@Resolver()
export class ExportMutation {
  @Mutation(() => RequestResult, {
    description:
      "Has everything gathered, from every system, in one archive to take along: JSON, CSV and a page to read. `download` is where it can be fetched.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @EntersAsNamed
  requestExport(
    @Arg("input", () => RequestExportInput) input: RequestExportInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerWithRequest(input, context, info, (actor) => exportData(input, actor, context));
  }
}

@Resolver(() => DataSubjectRequest)
export class DownloadGraph {
  @FieldResolver(() => Download, {
    nullable: true,
    description:
      "Where the archive can be fetched, until when, once. Staff fetch only what was not asked for here.",
  })
  @Personal(rightsRequest)
  async download(
    @Root() { row, subject }: RequestNode,
    @Ctx() { requests, links }: RequestContext,
  ): Promise<Download | null> {
    const found = await requests.download(row, subject.viewer);
    return found && { ...found, url: links.download(found.token) };
  }

  @FieldResolver(() => String, {
    description:
      "Everything of the request in one file, for a complaint to the supervisory authority (GDPR Art. 77). Takes the same bearer token as this interface.",
  })
  @Personal(rightsRequest)
  complaintUrl(@Root() { id }: RequestNode, @Ctx() { links }: RequestContext): string {
    return links.complaint(id);
  }
}
