import type { GraphQLError, GraphQLResolveInfo } from "graphql";
import { Arg, createUnionType, Ctx, Field, Info, ObjectType, Query, Resolver } from "type-graphql";
import { Container, EntersByReference, Introspects, SignedIn } from "../access/annotate.ts";
import { DataSubject, type Subject, type Viewer } from "../sources/data-subject.ts";
import type { GatewayContext } from "./context.ts";
import { fault } from "./faults.ts";
import { shownPart } from "./introspection.ts";
import { purposeHeader, purposeOf, rolesAs } from "./operation-check.ts";
import { Any, parseRepresentations } from "./representations.ts";
import { subgraphSdl } from "./subgraph-sdl.ts";

const Entity = createUnionType({
  name: "_Entity",
  description: "What other subgraphs refer to by its key.",
  types: () => [DataSubject] as const,
  resolveType: () => DataSubject,
});

@ObjectType("_Service", {
  simpleResolvers: true,
  description: "The gateway as a subgraph (Apollo Federation 2).",
})
@SignedIn
export class Service {
  @Field(() => String, { description: "What a supergraph is composed from." })
  sdl!: string;
}

@Resolver()
export class EntityQueries {
  @Query(() => Service, {
    name: "_service",
    description:
      "For composition. Told to whom introspection is open, and to each role its own part, as by introspection: compose as AUDITOR.",
  })
  @SignedIn
  @Introspects
  service(@Ctx() context: GatewayContext, @Info() { schema }: GraphQLResolveInfo): Service {
    return { sdl: subgraphSdl(shownPart(schema, context)) };
  }

  @Query(() => [Entity], {
    nullable: "items",
    name: "_entities",
    description:
      "Persons to whom another subgraph refers, in its order. Staff state their purpose in the header `Innsyn-Purpose`; without it the caller's own person alone is found. Null: nobody by that id, or nobody whom the caller may see.",
  })
  @Container
  @EntersByReference
  async entities(
    @Arg("representations", () => [Any], { description: "At most 100." }) representations: readonly unknown[],
    @Ctx() context: GatewayContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly (Subject | GraphQLError | null)[]> {
    const ids = parseRepresentations(representations);
    if (ids.length === 0) return [];
    const { viewer, found } = await entitiesFor(ids, context);
    for (const each of found) context.countEntity(isPerson(each) ? "found" : "none");
    const persons = new Map(found.flatMap((each) => (isPerson(each) ? [[each.id, each]] : [])));
    // Staff who find nobody have searched; whoever asks of others than themself is told nothing.
    if (viewer?.as === "staff" || (viewer && persons.size > 0))
      context.entered(
        viewer,
        [...persons.values()].map(({ id }) => ({ id, sources: [] })),
        info,
      );
    return found;
  }
}

type Found = Subject | GraphQLError | null;

const isPerson = (found: Found): found is Subject => found !== null && "viewer" in found;

interface Entities {
  /** Null: nobody's data subject, and not as staff. */
  readonly viewer: Viewer | null;
  readonly found: readonly Found[];
}

async function entitiesFor(ids: readonly string[], context: GatewayContext): Promise<Entities> {
  const purpose = purposeOf(context.statedPurpose);
  if (purpose !== null) {
    const viewer = context.asStaff(purpose);
    return { viewer, found: await context.search.meetEach(ids, viewer) };
  }
  const [self, current] = await Promise.all([context.self(), context.people.currentIds(ids)]);
  const isStaff = context.principal !== null && rolesAs("staff", context.principal).size > 0;
  // Whoever the other is, and whether there is anybody: staff are told alike that they have to say why.
  const other = () =>
    isStaff ? fault("PURPOSE_REQUIRED", { header: purposeHeader }, { status: 200 }) : null;
  const found = ids.map((id) => (self !== null && current.get(id) === self.id ? self : other()));
  return { viewer: self?.viewer ?? null, found };
}
