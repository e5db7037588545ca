import type { DataCategory } from "../access/vocabulary.ts";
import { dbOf } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { insertDisclosure, type NewDisclosure, todayInNorway } from "../subjects/disclosure-rows.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { AskingPerson } from "./desk.ts";
import { rightsRequest } from "./labels.ts";
import { stated, statedLine } from "./stated.ts";

export interface DisclosureInput {
  readonly authority: string;
  readonly legalGround: string;
  readonly categories: readonly DataCategory[];
  /** The last day, as a moment of it in UTC. */
  readonly secrecyUntil?: Date | null;
}

/**
 * Writes down what was handed over to an authority. Under secrecy the trail alone has it, and that somebody looked at the
 * person, until its last day is over. @throws Refused
 */
export async function recordDisclosure(
  input: DisclosureInput,
  personId: string,
  by: AskingPerson,
  { requests, sealedName }: Pick<RequestContext, "requests" | "sealedName">,
): Promise<NewDisclosure & { readonly at: Date }> {
  const { register } = requests;
  const disclosure = disclosureIn(input, await todayInNorway(dbOf(register.store)));
  const actorName = await sealedName(personId);
  return requests.recorded(by, async (db) => {
    const subjectId = await lockPerson(db, personId);
    const key = await keyOfPerson(db, register, subjectId);
    const at = await insertDisclosure(db, key, subjectId, disclosure);
    const about = { subjectRef: subjectId, categories: [rightsRequest.category] };
    const { secretUntil } = disclosure;
    return {
      value: { ...disclosure, at },
      entries: [
        { ...about, event: "DISCLOSED", detail: secretUntil === null ? null : "SECRECY" },
        ...(secretUntil === null ? [] : [lookInSecrecy(subjectId, secretUntil, actorName)]),
      ],
    };
  });
}

/** A look of staff that the person sees in their log once the day is over. */
export const lookInSecrecy = (subjectRef: string, until: string, actorName: Uint8Array | null) => ({
  event: "READ_IN_SECRECY" as const,
  subjectRef,
  categories: [rightsRequest.category],
  detail: until,
  actorName,
});

/** @throws Refused */
function disclosureIn(
  { authority, legalGround, categories, secrecyUntil }: DisclosureInput,
  today: string,
): NewDisclosure {
  const stating = {
    authority: statedLine(authority, "authority"),
    legalGround: stated(legalGround, "legalGround"),
  };
  if (categories.length === 0) throw new Refused("EMPTY", { argument: "categories" });
  if (new Set(categories).size < categories.length)
    throw new Refused("STATED_TWICE", { argument: "categories" });
  const secretUntil = secrecyUntil?.toISOString().slice(0, 10) ?? null;
  if (secretUntil !== null && secretUntil < today)
    throw new Refused("SECRECY_ENDED", { argument: "secrecyUntil" });
  return { ...stating, categories, secretUntil };
}
