import type { Answer, Gateway } from "../setup/gateway.ts";

export interface Entry {
  readonly at: string;
  readonly role: string;
  readonly purpose: string;
  readonly categories: readonly string[];
  readonly sources: readonly string[];
  readonly requestId: string;
  readonly employee: string | null;
}
export interface LogPage {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: Entry }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}
export interface Owned {
  readonly me: { readonly accessLog: LogPage } | null;
}
export interface Seen {
  readonly dataSubject: { readonly id: string; readonly accessLog: LogPage } | null;
}

const page = `{
  totalCount
  edges { cursor node { at role purpose categories sources requestId employee } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`;
export const ownLog = `query ($first: Int, $after: String) { me { accessLog(first: $first, after: $after) ${page} } }`;
export const logOf = `query ($id: ID!, $purpose: Purpose!, $first: Int, $after: String) {
  dataSubject(id: $id, purpose: $purpose) { id accessLog(first: $first, after: $after) ${page} }
}`;

export const dpo = "dpo@intech.example";
export const support = "support@intech.example";

export async function idOf(gateway: Gateway, email: string): Promise<string> {
  const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as: email });
  return data?.me.id ?? "";
}

/** Every page of a log, one after the other, as far as it goes. */
export async function* pagesOf(
  ask: (after: string | null) => Promise<Answer<Owned> | Answer<Seen>>,
): AsyncGenerator<LogPage> {
  for (let after: string | null = null, more = true; more;) {
    const { data, errors } = await ask(after);
    const log: LogPage | undefined = data && "me" in data ? data.me?.accessLog : data?.dataSubject?.accessLog;
    if (!log || errors) throw new Error(`no page: ${JSON.stringify(errors)}`);
    yield log;
    ({ endCursor: after, hasNextPage: more } = log.pageInfo);
  }
}
