import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Field, ID, Info, InputType, ObjectType, Query, Resolver } from "type-graphql";
import { Container, EntersAsStaff, Personal } from "../access/annotate.ts";
import { IdentifierKind, Purpose } from "../access/vocabulary.ts";
import type { Identifier as FoundBy } from "../sources/contract.ts";
import { DataSubject, type Subject, type Viewer } from "../sources/data-subject.ts";
import type { SourceUnavailable } from "../sources/loader.ts";
import type { SubjectContext } from "./ask.ts";
import { Identifier } from "./holdings-graph.ts";
import { parseIdentifier } from "./identifiers.ts";
import { known } from "./labels.ts";
import { NotFound } from "./not-found.ts";
import type { People } from "./people.ts";
import type { Found, Search } from "./search.ts";

/** A person whom a field has led to, and the sources that its own answer is from. */
export interface Entered {
  readonly id: string;
  readonly sources: readonly string[];
}

/** What resolvers that lead staff to a person need of the operation's context. */
export interface StaffContext extends SubjectContext {
  readonly people: People;
  readonly search: Search;
  /** The caller as staff. Rejects nobody: the operation has been decided. */
  readonly asStaff: (purpose: Purpose) => Viewer;
  /** Counts a search of the caller. Rejects with `TooManySearches`. */
  readonly countSearch: () => Promise<void>;
  /** For the trail: who was come upon through the field; `notedApart`: types within it that are noted when they are let through. */
  readonly entered: (
    viewer: Viewer,
    persons: readonly Entered[],
    info: GraphQLResolveInfo,
    notedApart?: readonly string[],
  ) => void;
  /** For the response: what the field's answer lacks. */
  readonly lacking: (failures: readonly SourceUnavailable[], info: GraphQLResolveInfo) => void;
}

@InputType({ description: "An identifier as somebody states it." })
export class IdentifierInput implements FoundBy {
  @Field(() => IdentifierKind)
  kind!: IdentifierKind;

  @Field(() => String, { description: "In any spelling; it is normalised before it is compared." })
  value!: string;
}

@ObjectType({ simpleResolvers: true, description: "A person whom systems that the caller may read know." })
@Personal(known)
export class DataSubjectMatch implements Found {
  @Field(() => DataSubject)
  @Container
  subject!: Subject;

  @Field(() => [Identifier], { description: "Normalised." })
  matchedBy!: readonly FoundBy[];

  @Field(() => [String], { description: "Of those that the caller may read for the purpose." })
  sources!: readonly string[];

  @Field(() => Boolean, { description: "Whose record it is must be settled first." })
  ambiguous!: boolean;
}

@Resolver()
export class StaffQueries {
  @Query(() => DataSubject, {
    nullable: true,
    description: "One person, for staff, who must say why. Recorded, and shown to the person.",
  })
  @Container
  @EntersAsStaff()
  async dataSubject(
    @Arg("id", () => ID) id: string,
    @Arg("purpose", () => Purpose) purpose: Purpose,
    @Ctx() { search, asStaff, entered }: StaffContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Subject> {
    const viewer = asStaff(purpose);
    const subject = await search.meet(id, viewer);
    entered(viewer, subject ? [{ id: subject.id, sources: [] }] : [], info);
    if (subject === null) throw new NotFound();
    return subject;
  }

  @Query(() => [DataSubjectMatch], {
    description:
      "Every person that any system knows by this identifier, of the systems that the caller may read for the purpose. A system is searched by the kinds of identifier that its mapping names. Empty for nobody, and for whom the caller may not see. Counted per member of staff.",
  })
  @Personal(known)
  @EntersAsStaff()
  async findDataSubjects(
    @Arg("identifier", () => IdentifierInput) identifier: IdentifierInput,
    @Arg("purpose", () => Purpose) purpose: Purpose,
    @Ctx() { search, asStaff, countSearch, entered, lacking }: StaffContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly Found[]> {
    const wanted = parseIdentifier(identifier, "identifier");
    await countSearch();
    const viewer = asStaff(purpose);
    const { found, failures } = await search.find(wanted, viewer);
    entered(
      viewer,
      found.map(({ subject, sources }) => ({ id: subject.id, sources })),
      info,
    );
    lacking(failures, info);
    return found;
  }
}
