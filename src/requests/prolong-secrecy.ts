import { dbOf } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import { insertProlonging, lockDisclosure, todayInNorway } from "../subjects/disclosure-rows.ts";
import { NotFound } from "../subjects/not-found.ts";
import type { RequestContext } from "./context.ts";
import type { AskingPerson } from "./desk.ts";
import { rightsRequest } from "./labels.ts";
import { lookInSecrecy } from "./record-disclosure.ts";
import { Refused } from "./refused.ts";

export interface ProlongSecrecy {
  readonly id: string;
  /** The new last day, as a moment of it in UTC. */
  readonly secrecyUntil: Date;
}

/**
 * Has a disclosure stay secret for longer, with every look that was to be told of when it ended. What the person has been
 * shown is no secret again. @throws NotFound, Refused
 */
export async function prolongSecrecy(
  { id, secrecyUntil }: ProlongSecrecy,
  by: AskingPerson,
  { requests, sealedName }: Pick<RequestContext, "requests" | "sealedName">,
): Promise<string> {
  if (!isUuid(id)) throw new NotFound();
  const today = await todayInNorway(dbOf(requests.register.store));
  const until = secrecyUntil.toISOString().slice(0, 10);
  return requests.recorded(by, async (db) => {
    const disclosure = await lockDisclosure(db, id);
    if (!disclosure) throw new NotFound();
    const { subjectId, secretUntil } = disclosure;
    if (secretUntil === null || secretUntil < today)
      throw new Refused("NO_LONGER_SECRET", { argument: "id" });
    if (until <= secretUntil) throw new Refused("NOT_PROLONGED", { argument: "secrecyUntil" });
    await insertProlonging(db, id, until);
    const about = { subjectRef: subjectId, categories: [rightsRequest.category] };
    return {
      value: subjectId,
      entries: [
        { ...about, event: "SECRECY_PROLONGED", detail: until },
        lookInSecrecy(subjectId, until, await sealedName(subjectId)),
      ],
    };
  });
}
