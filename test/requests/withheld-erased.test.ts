import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { omission } from "../../src/sources/withheld.ts";
import { unzip } from "../archive/unzip.ts";
import { exportOf, get } from "./archives.ts";
import { ended, erase } from "./erasing.ts";
import { idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const because = "Avsnittet gjelder en annen.";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

interface Seen {
  readonly crm: {
    readonly conversations: {
      readonly edges: readonly { readonly node: { readonly body: string | null } }[];
    };
  } | null;
  readonly website: {
    readonly submissions: {
      readonly edges: readonly {
        readonly node: { readonly fields: readonly { readonly value: string }[] };
      }[];
    };
  } | null;
  readonly withheld: readonly { readonly source: string; readonly spans: number; readonly because: string }[];
}

async function see(as: string, root = "me") {
  const { data, text } = await world.gateway.query<Record<string, Seen>>(
    `{ seen: ${root} { crm { conversations(first: 500) { edges { node { body } } } }
      website { submissions { edges { node { fields { value } } } } } withheld { source spans because } } }`,
    {},
    { as },
  );
  const { seen } = data ?? {};
  if (!seen) throw new Error(text);
  const bodies = seen.crm?.conversations.edges.flatMap(({ node }) => node.body ?? []) ?? [];
  return { bodies, withheld: seen.withheld, website: seen.website };
}

/** The first words of each text, which is more than anybody would mark. Resolves with how many were marked. */
async function withholdAll(as: string): Promise<number> {
  const subjectId = await idOf(world, as);
  const { id: requestId } = await letter(world, "ACCESS", as);
  const { bodies, website } = await see(as);
  const values =
    website?.submissions.edges.flatMap(({ node }) => node.fields.map(({ value }) => value)) ?? [];
  const texts = [
    ...bodies.map((text) => ({ source: "crm", recordType: "conversations", field: "body", text })),
    ...values.map((text) => ({ source: "website", recordType: "submissions.fields", field: "value", text })),
  ];
  let marked = 0;
  for (const text of texts) {
    const spans = [{ start: 0, length: 6 }];
    const { data } = await world.gateway.query<{ withhold: { kind: string } }>(
      "mutation($input: WithholdInput!) { withhold(input: $input) { kind: __typename } }",
      { input: { subjectId, requestId, ...text, spans, because } },
      { as: dpo },
    );
    if (data?.withhold.kind === "WithholdPayload") marked++;
  }
  return marked;
}

const sourcesOf = ({ withheld }: Pick<Seen, "withheld">) => [
  ...new Set(withheld.map(({ source }) => source)),
];

describe("what is withheld in what the law keeps", () => {
  it("is withheld from whoever was erased, in what they see and take along, and shown whole to staff", async () => {
    expect(await withholdAll(kari)).toBeGreaterThan(5);
    const before = await see(kari);
    expect(sourcesOf(before).toSorted()).toEqual(["crm", "website"]);
    const subjectId = await idOf(world, kari);
    const { request } = await erase(world, kari);
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");

    const after = await see(kari);
    expect(after.bodies.length).toBeGreaterThan(0);
    expect(after.bodies.length).toBeLessThan(before.bodies.length);
    for (const body of after.bodies) expect(body.startsWith(omission)).toBe(true);
    // Where nothing is kept, nothing is withheld either.
    expect(sourcesOf(after)).toEqual(["crm"]);
    expect(new Set(after.withheld.map((mark) => mark.because))).toEqual(new Set([because]));
    const byStaff = await see(dpo, `dataSubject(id: "${subjectId}", purpose: DATA_SUBJECT_RIGHTS)`);
    expect(byStaff.bodies).toHaveLength(after.bodies.length);
    for (const body of byStaff.bodies) expect(body).not.toContain(omission);

    const { download } = await exportOf(world, kari);
    const answer = await get(world, download.url, kari);
    const files = await unzip(Buffer.from(await answer.arrayBuffer()));
    const conversations = JSON.parse(files.file("data/crm/conversations.json")) as readonly {
      readonly body: string;
    }[];
    expect(conversations.map(({ body }) => body).toSorted()).toEqual(after.bodies.toSorted());
  });

  it("is withheld still from whoever was erased in that system alone, until it is kept no longer", async () => {
    await withholdAll(kari);
    const before = await see(kari);
    expect(sourcesOf(before)).toContain("crm");
    const { request } = await erase(world, kari, { sources: ["crm", "website"] });
    expect(await world.until(request.id, ...ended)).toBe("COMPLETED_WITH_RETENTION");
    const after = await see(kari);
    expect(after.bodies.length).toBeGreaterThan(0);
    for (const body of after.bodies) expect(body.startsWith(omission)).toBe(true);
    expect(sourcesOf(after)).toEqual(["crm"]);

    // The years go by.
    const theirs = "kontakt_id in (select kontakt_id from kontakt where navn = 'Kari Nordmann')";
    await world.own(
      "crm",
      `update ordre set ordredato = ordredato - interval '9 years', garanti_til = null, oppbevares_til = null where ${theirs};
       update samtale set tidspunkt = tidspunkt - interval '9 years', oppbevares_til = null where ${theirs}`,
    );
    await world.gateway.rows("update retained set until = until - 3650");
    await expect.poll(async () => (await see(kari)).withheld, { timeout: 20_000 }).toEqual([]);
  });
});
