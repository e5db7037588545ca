import { SourceFailure } from "../../sources/contract.ts";
import type { Recipient, RecipientNotice } from "../../sources/recipient.ts";
import { RestClient } from "../rest/client.ts";
import type { Authentication } from "../rest/mapping.ts";

export interface RecipientSettings extends Omit<Recipient, "reachable" | "tell" | "close"> {
  /** Absent: staff tell them. */
  readonly notify?: NotifySettings | undefined;
}

/** Where a recipient takes notices. */
export interface NotifySettings {
  readonly url: string;
  readonly authentication: Authentication;
  /** Milliseconds for one notice. */
  readonly timeLimit: number;
}

export function createRecipients(settings: readonly RecipientSettings[]): readonly Recipient[] {
  return settings.map(({ notify, ...details }) =>
    notify === undefined ? toldByStaff(details) : toldByHttp(details, notify),
  );
}

type Details = Omit<RecipientSettings, "notify">;

function toldByStaff(details: Details): Recipient {
  return {
    ...details,
    reachable: false,
    tell: () => Promise.reject(new SourceFailure("UNREACHABLE")),
    close: async () => undefined,
  };
}

/** A notice is one POST of JSON; a status of success says that the recipient has it, whatever else the answer says. */
function toldByHttp(details: Details, { url, authentication, timeLimit }: NotifySettings): Recipient {
  const client = new RestClient({ baseUrl: url, authentication });
  return {
    ...details,
    reachable: true,
    async tell(notice, { signal }) {
      const sent = await client.send(
        {
          method: "POST",
          url: new URL(url),
          headers: { "idempotency-key": notice.id },
          body: bodyOf(notice),
          answer: "ignored",
        },
        AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]),
      );
      if (sent !== "done") throw new SourceFailure("FAILED");
    },
    close: () => client.close(),
  };
}

/** What is absent is left out; moments are RFC 3339. */
const bodyOf = ({ id, event, at, purpose, identifiers, changes }: RecipientNotice) => ({
  id,
  event,
  at: at.toISOString(),
  purpose,
  identifiers: identifiers.map(({ kind, value }) => ({ kind, value })),
  changes: changes?.map(({ field, value }) => ({ field, ...(value !== undefined && { value }) })),
});
