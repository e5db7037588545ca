import type { Gateway } from "../setup/gateway.ts";
import { type Payload, refusal, request, type World } from "./world.ts";

export type Asked = Parameters<Gateway["query"]>[2];

/** Calls a mutation that answers with a request or a refusal. */
export async function ask(
  { gateway }: Pick<World, "gateway">,
  mutation: string,
  input: object,
  asked: Asked,
): Promise<Payload> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
  const answer = await gateway.query<Record<string, Payload>>(
    `mutation($input: ${type}) { ${mutation}(input: $input) { __typename ${refusal}
      ... on RequestPayload { request { ${request} refusal { code message legalGround } subject { id } } } } }`,
    { input },
    asked,
  );
  const payload = answer.data?.[mutation];
  if (!payload) throw new Error(`${answer.status} ${answer.text}`);
  return payload;
}

/** Staff say that they have done what a step cannot, once no attempt at it is under way. */
export async function confirmed(
  world: Pick<World, "gateway">,
  input: { readonly id: string; readonly stepId: string | undefined; readonly because: string },
  asked: Asked,
): Promise<Payload> {
  for (const end = Date.now() + 10_000; ;) {
    const payload = await ask(world, "confirmStep", input, asked);
    if (payload.rule !== "AT_WORK" || Date.now() > end) return payload;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function idOf({ gateway }: Pick<World, "gateway">, email: string): Promise<string> {
  const { data } = await gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as: email });
  return data?.me.id ?? "";
}

/** A letter that staff have received, of somebody whose identity is established; acknowledged where that can be. */
export async function letter(
  world: World,
  kind: string,
  email: string,
  more: object = { identityEstablishedBy: "Ringte tilbake på nummeret i kundesystemet" },
): Promise<Payload["request"]> {
  const input = {
    kind,
    channel: "POST",
    receivedAt: new Date(Date.now() - 86_400_000).toISOString(),
    identifiers: [{ kind: "EMAIL", value: email }],
    ...more,
  };
  const { request: made } = await ask(world, "registerRequest", input, { as: "dpo@intech.example" });
  for (const end = Date.now() + 10_000; Date.now() < end && (await isToBeSent(world, made.id));)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return made;
}

async function isToBeSent({ gateway }: World, requestId: string): Promise<boolean> {
  const waiting = `select 1 from request_step where request_id = $1 and state in ('PENDING', 'RUNNING')
    and action = 'NOTIFY' and last_error is null`;
  return (await gateway.rows(waiting, [requestId])).length > 0;
}

/** What staff get who ask for a person's name in the CRM for a purpose: the name's place, or the code of the refusal. */
export async function look(
  { gateway }: Pick<World, "gateway">,
  id: string,
  purpose: string,
  as: string,
  replica = 0,
): Promise<string | undefined> {
  const { data, errors } = await gateway.query<{ dataSubject: { crm: { name: string } | null } | null }>(
    `query($id: ID!, $purpose: Purpose!) { dataSubject(id: $id, purpose: $purpose) { crm { name } } }`,
    { id, purpose },
    { as, replica },
  );
  return data?.dataSubject?.crm ? "SHOWN" : errors?.[0]?.extensions.code;
}
