import pg from "pg";
import { type Answer, type Gateway, type GatewayOptions, startGateway } from "../setup/gateway.ts";

export const kari = "kari.nordmann@example.com";
export const dpo = "dpo@intech.example";

/** What waits for a system is tried again soon. */
export const impatient = {
  attempts: 3,
  firstRetrySeconds: 0.2,
  longestRetrySeconds: 0.5,
  stepSeconds: 3,
  recoverySeconds: 1,
  withdrawalsSeconds: 1,
  retentionSeconds: 1,
  liftNoticeSeconds: 1,
};

export interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  /** Rows of a system's own database. */
  own<Row extends pg.QueryResultRow>(
    system: keyof Gateway["systemUrls"],
    sql: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** What the four systems' own databases say of a person's phone, by what finds them there. */
  phones(email?: string): Promise<Readonly<Record<string, string | null | undefined>>>;
  /** Resolves with the request once it has one of the statuses. */
  until(id: string, ...statuses: readonly string[]): Promise<string>;
}

export async function openWorld(options: GatewayOptions = {}): Promise<World> {
  const gateway = await startGateway({
    ...options,
    config: (config, replica) => {
      const patient = { ...config, requests: impatient };
      return options.config?.(patient, replica) ?? patient;
    },
  });
  const pools = new Map<string, pg.Pool>();
  const own: World["own"] = async (system, sql, values = []) => {
    let pool = pools.get(system);
    if (!pool) {
      pool = new pg.Pool({ connectionString: gateway.systemUrls[system], max: 2 });
      pool.on("error", () => undefined);
      pools.set(system, pool);
    }
    return (await pool.query(sql, [...values])).rows;
  };
  return {
    gateway,
    own,
    async phones(email = kari) {
      const [crm, learning, events, mailing] = await Promise.all([
        own<{ v: string }>("crm", "select mobil as v from kontakt where lower(epost) = $1", [email]),
        own<{ v: string }>("learning", "select phone1 as v from mdl_user where lower(email) = $1", [email]),
        own<{ v: string }>("events", 'select "Phone" as v from "Attendee" where lower("Email") = $1', [
          email,
        ]),
        own<{ v: string }>(
          "mailing",
          "select attribs->>'phone' as v from subscribers where lower(email) = $1",
          [email],
        ),
      ]);
      return { crm: crm[0]?.v, learning: learning[0]?.v, events: events[0]?.v, mailing: mailing[0]?.v };
    },
    async until(id, ...statuses) {
      for (const end = Date.now() + 45_000; Date.now() < end;) {
        const [row] = await gateway.rows<{ status: string }>("select status from request where id = $1", [
          id,
        ]);
        if (row && statuses.includes(row.status)) return row.status;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`the request is not ${statuses.join(" or ")} after 45 seconds`);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      await gateway[Symbol.asyncDispose]();
    },
  };
}

export interface Step {
  readonly id: string;
  readonly source: string;
  readonly action: string;
  readonly field: string | null;
  readonly recordType: string | null;
  readonly state: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly lastError: string | null;
  readonly outcome: { readonly result: string; readonly detail: string | null };
}
export interface Payload {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly rule: string | null;
  readonly legalGround: string | null;
  readonly current:
    readonly { readonly source: string; readonly value: string; readonly version: string }[] | null;
  readonly request: {
    readonly id: string;
    readonly kind: string;
    readonly status: string;
    readonly steps: readonly Step[];
    readonly timeline: readonly {
      readonly by: string | null;
      readonly event: string;
      readonly detail: string | null;
    }[];
  };
  readonly subject: {
    readonly profile: Readonly<
      Record<
        string,
        { readonly heldBy: readonly { source: string; value: string | null; version: string }[] }
      >
    >;
  };
}

export const request = `id kind status steps { id source action field recordType state attempts nextAttemptAt lastError outcome { result detail } }
  timeline { by event detail }`;
export const refusal =
  "... on Refusal { code message field rule legalGround current { source value version } }";

export async function rectify(
  { gateway }: World,
  changes: readonly object[],
  asked: Parameters<Gateway["query"]>[2] = { as: kari },
  more: object = {},
): Promise<Payload> {
  const answer: Answer<{ rectify: Payload }> = await gateway.query(
    `mutation Rectify($input: RectifyInput!) { rectify(input: $input) { __typename ${refusal}
      ... on RectifyPayload { request { ${request} } subject { profile { phone { heldBy { source value version } } } } } } }`,
    { input: { changes, ...more } },
    asked,
  );
  if (!answer.data) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data.rectify;
}

export const outcomes = ({ request: { steps } }: Pick<Payload, "request">) =>
  Object.fromEntries(
    steps.map(({ source, recordType, state, attempts, outcome }) => [
      recordType === null ? source : `${source} ${recordType}`,
      // What is tried once more at this very moment waits still.
      `${state === "RUNNING" && attempts > 0 ? "PENDING" : state} ${outcome.result}`,
    ]),
  );
