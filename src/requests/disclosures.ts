import { legalBases } from "../access/policy.ts";
import type { Purpose } from "../access/vocabulary.ts";
import type { Recipient } from "../sources/recipient.ts";
import type { Db } from "../store/tables.ts";
import { latestConsent } from "../subjects/consents.ts";
import { objectionsOf } from "../subjects/objections.ts";
import { restrictionsOf } from "../subjects/restrictions.ts";

/** A recipient to whom a person's data has been disclosed, and what they have been told of it. */
export interface Disclosure {
  readonly recipient: Recipient;
  /** The person's first yes to one of the recipient's purposes; null: it does not stand on consent. */
  readonly since: Date | null;
  readonly told: readonly Telling[];
}

export interface Telling {
  readonly requestId: string;
  /** As in `RecipientEvent`. */
  readonly event: string;
  readonly at: Date;
}

/** To whom persons' data goes. */
export interface Disclosures {
  readonly recipients: ReadonlyMap<string, Recipient>;
  /**
   * Those to whom the person's data has been disclosed: for a purpose that stands on consent only where the person has
   * ever said yes to it, for another purpose in any case.
   */
  of(subjectId: string): Promise<readonly Disclosure[]>;
  /**
   * Whether the recipient may be given data: for a purpose that does not stand on consent, or on one that is given. One
   * that the person objects to is none (GDPR Art. 21).
   */
  mayReceive(subjectId: string, recipient: Pick<Recipient, "purposes">): Promise<boolean>;
  /** Whether the person's processing is restricted, in whichever system. */
  isRestricted(subjectId: string): Promise<boolean>;
  /** When what a request asks for began to count: a letter is older. */
  saidAt(requestId: string): Promise<Date>;
}

export function disclosuresTo(db: Db, recipients: readonly Recipient[]): Disclosures {
  return {
    recipients: new Map(recipients.map((recipient) => [recipient.name, recipient])),
    async mayReceive(subjectId, { purposes }) {
      const objections = (await objectionsOf(db, subjectId)).filter(({ ended_at }) => ended_at === null);
      const open = purposes.filter((purpose) =>
        objections.every((objection) => objection.purpose !== purpose),
      );
      if (open.some((purpose) => legalBases[purpose] !== "CONSENT")) return true;
      const latest = await Promise.all(open.map((purpose) => latestConsent(db, subjectId, purpose)));
      return latest.some((consent) => consent?.status === "GIVEN");
    },
    isRestricted: async (subjectId) => (await restrictionsOf(db, subjectId)).some(({ in_force }) => in_force),
    async saidAt(requestId) {
      const { at } = await db
        .selectFrom("request_event")
        .select((event) => event.fn.max<Date>("at").as("at"))
        .where("request_id", "=", requestId)
        .where("event", "in", ["RECEIVED", "CARRIED_OUT"])
        .executeTakeFirstOrThrow();
      return at;
    },
    async of(subjectId) {
      if (recipients.length === 0) return [];
      const [given, told] = await Promise.all([everGiven(db, subjectId), tellings(db, subjectId)]);
      return recipients.flatMap((recipient) => {
        const first = recipient.purposes.flatMap((purpose) => given.get(purpose) ?? []).sort(byTime)[0];
        const byConsent = recipient.purposes.every((purpose) => legalBases[purpose] === "CONSENT");
        if (byConsent && first === undefined) return [];
        return [{ recipient, since: first ?? null, told: told.get(recipient.name) ?? [] }];
      });
    },
  };
}

const byTime = (a: Date, b: Date) => a.getTime() - b.getTime();

async function everGiven(db: Db, subjectId: string): Promise<ReadonlyMap<Purpose, Date>> {
  const rows = await db
    .selectFrom("consent_event")
    .select(["purpose", (expression) => expression.fn.min<Date>("at").as("first")])
    .where("subject_id", "=", subjectId)
    .where("status", "=", "GIVEN")
    .groupBy("purpose")
    .$castTo<{ purpose: Purpose; first: Date }>()
    .execute();
  return new Map(rows.map(({ purpose, first }) => [purpose, first]));
}

/** Oldest first. */
async function tellings(db: Db, subjectId: string): Promise<ReadonlyMap<string, Telling[]>> {
  const rows = await db
    .selectFrom("request_step")
    .innerJoin("request", "request.id", "request_step.request_id")
    .select(["request_step.source", "request_step.request_id", "record_type", "finished_at"])
    .where("request.subject_id", "=", subjectId)
    .where("request_step.action", "=", "NOTIFY")
    .where("request_step.state", "=", "DONE")
    .orderBy("finished_at")
    .execute();
  const told = new Map<string, Telling[]>();
  for (const { source, request_id, record_type, finished_at } of rows) {
    if (finished_at === null) continue;
    const known = told.get(source) ?? [];
    known.push({ requestId: request_id, event: record_type ?? "", at: finished_at });
    told.set(source, known);
  }
  return told;
}
