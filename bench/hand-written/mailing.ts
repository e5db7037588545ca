import { Agent, request } from "undici";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import type { MailingAccess } from "../../src/demo/systems/mailing/mapping.ts";

interface Subscriber {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly status: "enabled" | "disabled" | "blocklisted";
  readonly created_at: string;
  readonly attribs: { readonly phone?: string; readonly city?: string };
  readonly lists: readonly Subscription[];
}
interface Subscription {
  readonly name: string;
  readonly subscription_status: string;
  readonly subscription_created_at: string;
  readonly subscription_updated_at: string;
}
interface Delivery {
  readonly position: string;
  readonly campaign: string;
  readonly sent_at: string;
  readonly opened_at: string | null;
  readonly replied_at: string | null;
  readonly clicks: readonly { readonly url: string; readonly created_at: string }[];
}

/** In UTC, to the microsecond; the e-mail tool tells moments with its own offset. */
function utc(moment: string | null): string | null {
  if (moment === null || moment.endsWith("+00:00")) return moment && moment.replace("+00:00", "Z");
  return new Date(moment).toISOString().slice(0, 19) + moment.slice(19, -6) + "Z";
}

const statuses = { enabled: "ENABLED", disabled: "UNSUBSCRIBED", blocklisted: "BLOCKLISTED" };

export function mailingReads({ url, user, token }: MailingAccess) {
  const dispatcher = new Agent({ connections: 8, keepAliveTimeout: 10_000 });
  const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
  const get = async <T>(path: string): Promise<{ readonly data: { readonly results: readonly T[] } }> => {
    const { statusCode, body } = await request(url + path, { dispatcher, headers: { authorization } });
    const answer: unknown = await body.json();
    if (statusCode !== 200 || typeof answer !== "object" || answer === null || "message" in answer) {
      throw new Error("the e-mail tool did not answer");
    }
    return answer as { readonly data: { readonly results: readonly T[] } };
  };
  return async (email: string, first: number) => {
    const filter = `lower(subscribers.email) IN ('${[email, canaryEmail].map((e) => e.replaceAll("'", "''")).join("', '")}')`;
    const found = await get<Subscriber>(
      `/api/subscribers?${new URLSearchParams({ query: filter, page: "1", per_page: "100" })}`,
    );
    const [own, ...others] = found.data.results.filter((s) => s.email.toLowerCase() === email);
    if (own === undefined || others.length > 0) throw new Error("not one person");
    const { data } = await get<Delivery>(`/api/subscribers/${own.id}/deliveries?per_page=${first + 1}`);
    const shown = data.results.slice(0, first);
    return {
      address: own.email,
      status: statuses[own.status],
      name: own.name,
      phone: own.attribs.phone ?? null,
      subscriptions: own.lists.map((l) => ({
        list: l.name,
        status: l.subscription_status,
        subscribedAt: utc(l.subscription_created_at),
        unsubscribedAt: l.subscription_status === "unsubscribed" ? utc(l.subscription_updated_at) : null,
      })),
      deliveries: {
        rows: shown.map((d) => ({
          campaign: d.campaign,
          sentAt: utc(d.sent_at),
          openedAt: utc(d.opened_at),
          repliedAt: utc(d.replied_at),
          clicks: d.clicks.map((c) => ({ url: c.url, at: utc(c.created_at) })),
        })),
        hasNextPage: data.results.length > first,
        endCursor: shown.at(-1)?.position,
      },
      other: [
        { name: "By", value: own.attribs.city ?? null, category: "CONTACT" },
        { name: "Opprettet", value: utc(own.created_at), category: "EMAIL_ENGAGEMENT" },
      ],
    };
  };
}
