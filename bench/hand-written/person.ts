import type { BenchSettings } from "../settings.ts";
import { crmReads } from "./crm.ts";
import { eventsReads } from "./events.ts";
import { learningReads } from "./learning.ts";
import { mailingReads } from "./mailing.ts";
import { poolOf } from "./rows.ts";

/** Everything of one person, all systems at once. */
export function personReads({ crm, learning, events, mailing }: BenchSettings["systems"]) {
  const [crmPool, learningPool, eventsPool] = [poolOf(crm, 8), poolOf(learning, 8), poolOf(events, 8)];
  const fromCrm = crmReads(crmPool);
  const fromLearning = learningReads(learningPool);
  const fromEvents = eventsReads(eventsPool);
  const fromMailing = mailingReads(mailing);
  return {
    async read(email: string, first: number) {
      const [crm, learning, mailing, events] = await Promise.all([
        fromCrm(email, first),
        fromLearning(email, first),
        fromMailing(email, first),
        fromEvents(email, first),
      ]);
      return { crm, learning, mailing, events };
    },
    close: () => Promise.all([crmPool.end(), learningPool.end(), eventsPool.end()]),
  };
}
