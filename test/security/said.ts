import pg from "pg";
import { expect } from "vitest";
import type { Gateway } from "../setup/gateway.ts";

/** What is said and written with requests: by the person, of the person, and in place of what was held. */
export const said = {
  phone: "+4791919191",
  address: "Fjellsmuget 7, 9990 Båtsfjord",
  name: "Kari Nordmann-Hansteen",
  newEmail: "ny.adresse.her@example.com",
  objection: "Fordi jeg er skilt fra Torvald",
  restriction: "Adressen er min fraskilte ektemanns",
  lifting: "Ektemannen har flyttet til Fauskevåg",
  statement: "Varene ble hentet av svigermoren min",
  letter: "Brevet lå i en rosa konvolutt fra Stokmarknes",
  identity: "Viste passet sitt i resepsjonen på Andselv",
  turnedDown: "Innvendingen veier ikke tyngre enn skattesaken hennes",
  extension: "Arkivet i Vadsø er stengt til sensommeren",
  byHand: "Ringte søsteren hennes i Berlevåg",
  authority: "Lensmannen i Røst",
  legalGround: "Kjennelse om samboeren hennes på Værøy",
};

/** The number of one of a person's orders. */
export async function orderOf({ systemUrls }: Pick<Gateway, "systemUrls">, email: string): Promise<string> {
  const client = new pg.Client({ connectionString: systemUrls.crm });
  await client.connect();
  try {
    const { rows } = await client.query<{ ordrenr: string }>(
      "select ordrenr from ordre join kontakt using (kontakt_id) where lower(epost) = $1",
      [email],
    );
    return rows[0]?.ordrenr ?? expect.fail("no order");
  } finally {
    await client.end();
  }
}

interface Made {
  readonly id: string;
  readonly steps: readonly { readonly id: string; readonly state: string }[];
}

const kari = "kari.nordmann@example.com";
const dpo = "dpo@intech.example";

/**
 * Every mutation of requests, by Kari and by letter. The e-mail tool must be down, so that something waits, and no mail
 * server be known, so that something is to be done by hand.
 */
export async function useRequests(
  gateway: Pick<Gateway, "query">,
  subjectId: string,
  orderNumber: string,
): Promise<void> {
  const make = async (as: string, mutation: string, input: object): Promise<Made> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}`;
    const made = "request { id steps { id state } }";
    const { data, text } = await gateway.query<Record<string, { request?: Made }>>(
      `mutation ($input: ${type}Input!) { ${mutation}(input: $input) {
        ... on ${mutation === "rectify" ? "RectifyPayload" : "RequestPayload"} { ${made} } ... on Refusal { rule } } }`,
      { input },
      { as },
    );
    return data?.[mutation]?.request ?? expect.fail(`${mutation}: ${text}`);
  };
  const byLetter = async (kind: string) => {
    const { id } = await make(dpo, "registerRequest", {
      kind,
      channel: "POST",
      receivedAt: new Date(Date.now() - 86_400_000).toISOString(),
      identifiers: [{ kind: "EMAIL", value: kari }],
      note: said.letter,
    });
    await make(dpo, "establishIdentity", { id, establishedBy: said.identity });
    return { subjectId, requestId: id };
  };

  await make(kari, "rectify", {
    changes: [
      { field: "PHONE", value: said.phone },
      { field: "EMAIL", value: said.newEmail },
    ],
  });
  await make(dpo, "rectify", {
    ...(await byLetter("RECTIFICATION")),
    changes: [{ field: "POSTAL_ADDRESS", value: said.address }],
  });
  const objection = { purpose: "CUSTOMER_SUPPORT", reason: said.objection };
  const objected = await make(kari, "objectToProcessing", objection);
  const turnedDown = { approve: false, explanation: said.turnedDown, legalGround: "COMPELLING_GROUNDS" };
  await make(dpo, "decideRequest", { id: objected.id, ...turnedDown });
  await make(kari, "objectToProcessing", objection);
  await make(kari, "restrictProcessing", { reason: said.restriction, sources: ["crm"] });
  const lifting = await byLetter("RESTRICTION");
  await make(dpo, "restrictProcessing", { ...lifting, reason: said.restriction, sources: ["learning"] });
  const lifted = await make(dpo, "liftRestriction", { ...lifting, because: said.lifting });
  const failed = lifted.steps.find(({ state }) => state === "FAILED") ?? expect.fail("no step failed");
  await make(dpo, "confirmStep", { id: lifted.id, stepId: failed.id, because: said.byHand });
  await make(kari, "addStatement", {
    source: "crm",
    recordType: "orders",
    record: orderNumber,
    text: said.statement,
  });
  const pending = await byLetter("RECTIFICATION");
  const waiting = await make(dpo, "rectify", { ...pending, changes: [{ field: "NAME", value: said.name }] });
  await make(dpo, "retryRequest", { id: waiting.id });
  await make(dpo, "extendDeadline", { id: waiting.id, because: said.extension });
  const { authority, legalGround } = said;
  for (const secrecyUntil of [null, "2999-01-01"]) {
    const { data, text } = await gateway.query<{ recordDisclosure: { name?: string } }>(
      `mutation ($input: RecordDisclosureInput!) { recordDisclosure(input: $input) { ... on Recipient { name } } }`,
      { input: { subjectId, authority, legalGround, categories: ["CONTACT"], secrecyUntil } },
      { as: dpo },
    );
    expect(data?.recordDisclosure.name, text).toBe(authority);
  }
}
