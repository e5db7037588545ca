import type { Mail } from "./process/mail-server.ts";
import type { Notice } from "./process/partner.ts";
import type { OutsidePart } from "./process/settings.ts";
import type { Kept } from "./process/shelf.ts";

/** Looks at what came outside from the gateway, and switches parts of it off and on. */
export interface OutsideAdmin {
  /** What the marketing partner has been told, oldest first. */
  notices(): Promise<readonly Kept<Notice>[]>;
  /** What persons have been sent, oldest first. */
  mails(): Promise<readonly Kept<Mail>[]>;
  /** Closed, the partner answers 503 and the mail server refuses (421). */
  open(part: OutsidePart, open: boolean): Promise<void>;
}

export function outsideAdmin(url: string, token: string): OutsideAdmin {
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(new URL(`/admin/${path}`, url), {
      method: body === undefined ? "GET" : "PUT",
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`What plays the world outside answered ${response.status}`);
    return ((await response.json()) as { data: T }).data;
  };
  return {
    notices: () => ask("notices"),
    mails: () => ask("mails"),
    open: async (part, open) => void (await ask("open", { part, open })),
  };
}
