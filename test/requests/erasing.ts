import { type Asked, ask } from "./rights.ts";
import type { Payload, World } from "./world.ts";

export interface PlanItem {
  readonly source: string;
  readonly recordType: string;
  readonly count: number;
  readonly action: string;
  readonly legalGround: string | null;
  readonly retainedUntil: string | null;
}

export interface Plan {
  readonly hash: string;
  readonly items: readonly PlanItem[];
}

const plan =
  "erasurePlan(sources: $sources) { hash items { source recordType count action legalGround retainedUntil } }";

/** What a person is shown before they erase. */
export async function planOf(
  { gateway }: Pick<World, "gateway">,
  as: string,
  sources: readonly string[] | null = null,
): Promise<Plan> {
  const answer = await gateway.query<{ me: { erasurePlan: Plan } }>(
    `query($sources: [String!]) { me { ${plan} } }`,
    { sources },
    { as },
  );
  if (!answer.data) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data.me.erasurePlan;
}

/** Leaves nothing of a contact in the CRM that the law keeps, as if there never had been any. */
export async function withoutDocuments({ own }: Pick<World, "own">, contact: number): Promise<void> {
  const orders = "(select ordre_id from ordre where kontakt_id = $1)";
  for (const rows of [
    "samtale where kontakt_id = $1",
    `retur where ordre_id in ${orders}`,
    `ordre_levering where ordre_id in ${orders}`,
    `ordrelinje where ordre_id in ${orders}`,
    "ordre where kontakt_id = $1",
  ])
    await own("crm", `delete from ${rows}`, [contact]);
}

/** Asks for a plan and has it carried out, as a person does who has just signed in strongly. */
export async function erase(
  world: World,
  as: string,
  {
    sources = null,
    ...more
  }: { readonly sources?: readonly string[] | null } & Partial<NonNullable<Asked>> = {},
): Promise<Payload> {
  const { hash } = await planOf(world, as, sources);
  return ask(world, "requestErasure", { planHash: hash, sources }, { as, strongly: true, ...more });
}

export const ended = ["COMPLETED", "COMPLETED_WITH_RETENTION"] as const;
