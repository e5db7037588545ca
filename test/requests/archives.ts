import { ask, type Asked } from "./rights.ts";
import type { Step, World } from "./world.ts";

export interface Exported {
  readonly id: string;
  readonly status: string;
  readonly steps: readonly Step[];
  readonly timeline: readonly { readonly event: string; readonly detail: string | null }[];
  readonly download: {
    readonly url: string;
    readonly expiresAt: string;
    readonly sha256: string;
    readonly size: string;
    readonly isWhole: boolean;
  } | null;
}

const shown = `query($id: ID!) { request(id: $id) { id status timeline { event detail }
  steps { id source action field recordType state attempts nextAttemptAt lastError outcome { result detail } }
  download { url expiresAt sha256 size isWhole } } }`;

export async function exported(
  { gateway }: Pick<World, "gateway">,
  id: string,
  asked: Asked,
): Promise<Exported> {
  const { data, text } = await gateway.query<{ request: Exported }>(shown, { id }, asked);
  if (!data) throw new Error(text);
  return data.request;
}

/** Resolves with the request once it is as wanted. */
export async function untilExported(
  world: Pick<World, "gateway">,
  id: string,
  asked: Asked,
  isWanted: (request: Exported) => boolean = ({ download }) => download !== null,
): Promise<Exported & { readonly download: NonNullable<Exported["download"]> }> {
  for (const end = Date.now() + 30_000; ;) {
    const request = await exported(world, id, asked);
    const { download } = request;
    if (download && isWanted(request)) return { ...request, download };
    if (Date.now() > end) throw new Error(`no archive after 30 seconds: ${JSON.stringify(request)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the person has asked for is made. */
export async function exportOf(world: World, email: string, more: object = {}) {
  const { request } = await ask(world, "requestExport", more, { as: email });
  return untilExported(world, request.id, { as: email });
}

/** As somebody who has signed in; null: as nobody. */
export async function get(
  { gateway }: Pick<World, "gateway">,
  url: string,
  as: string | null,
  init: RequestInit = {},
): Promise<Response> {
  const authorization = as === null ? {} : { authorization: `Bearer ${await gateway.token(as)}` };
  return fetch(url, { ...init, headers: { ...authorization, ...init.headers } });
}
