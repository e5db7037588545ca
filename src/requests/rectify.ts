import type { ProfileField } from "../sources/module.ts";
import type { Actor } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import type { RequestRow } from "./rows.ts";
import type { Rectification } from "./rectify-step.ts";
import type { NewStep } from "./step.ts";
import type { RectifiableField } from "./rectifiable.ts";

/** A fact that is to say something else; `value` as it has been validated. */
export interface Change {
  readonly field: RectifiableField;
  readonly fact: ProfileField;
  readonly value: string;
  /** Null: every source that holds the fact. */
  readonly sources: readonly string[] | null;
  readonly expectedVersions: ReadonlyMap<string, string>;
}

/** Has every change written into every source that holds the fact. */
export async function rectify(
  changes: readonly Change[],
  { subject, by, channel, registered }: Actor,
  { connected, requests }: RequestContext,
): Promise<RequestRow> {
  const steps = changes.flatMap((change) =>
    connected
      .filter(
        ({ key, profile }) => profile[change.fact] !== undefined && (change.sources?.includes(key) ?? true),
      )
      .map(({ key }) => stepFor(change, key)),
  );
  const { request } = await requests.open({
    subjectId: subject.id,
    kind: "RECTIFICATION",
    channel,
    by,
    steps,
    ...(registered && { registered: registered.id }),
  });
  return requests.settled(request.id);
}

function stepFor({ field, fact, value, expectedVersions }: Change, source: string): NewStep {
  const expected = expectedVersions.get(source);
  const work: Rectification = { fact, value, ...(expected !== undefined && { expected }) };
  return { source, action: "RECTIFY", field, work };
}
