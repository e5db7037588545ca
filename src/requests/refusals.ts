import type { Language } from "../language/language.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import type { HeldFact } from "../subjects/unify.ts";
import { rectifiables, type RectifiableField } from "./rectifiable.ts";
import type { RefusalText } from "./refusal-text.ts";
import { policyRefusals } from "./policy-refusals.ts";
import { rightRefusals } from "./right-refusals.ts";
import { valueRefusals } from "./value-refusals.ts";

/** Expected refusals of this room. */
export const refusals = { ...valueRefusals, ...rightRefusals, ...policyRefusals };

export type RefusalReason = keyof typeof refusals;

const table: Readonly<Record<RefusalReason, RefusalText>> = refusals;

/** What a refusal is about, for clients that show it at the right place. */
export interface RefusalAbout {
  readonly field?: RectifiableField;
  /** Another field of the input, by its name. */
  readonly argument?: string;
  readonly source?: string;
  /** Of the request that stands against it. */
  readonly requestId?: string;
  /** Of a conflict: what is there now. */
  readonly current?: readonly HeldFact[];
}

export function refusal(reason: RefusalReason, language: Language, about: RefusalAbout = {}): Refusal {
  const { code, text, legalGround } = table[reason];
  const { field, argument, source, current, requestId } = about;
  const where = [field && rectifiables[field].text[language], placeOf(code, argument), source].filter(
    Boolean,
  );
  return {
    code,
    message: where.length === 0 ? text[language] : `${where.join(", ")}: ${text[language]}`,
    legalGround: legalGround ?? null,
    field: field ?? argument ?? null,
    rule: reason,
    current: current ? [...current] : null,
    requestId: requestId ?? null,
  };
}

/** Where the argument itself is right, naming it would only be in the way of what is said. */
const placeOf = (code: Refusal["code"], argument: string | undefined) =>
  code === "INVALID_VALUE" && argument !== undefined ? `\`${argument}\`` : undefined;
