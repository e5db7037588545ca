import type { Text } from "../language/language.ts";
import type { RefusalCode } from "../subjects/refusal-graph.ts";

/** What the caller is told of a refusal, and the law that it stands on. */
export interface RefusalText {
  readonly code: RefusalCode;
  readonly text: Text;
  readonly legalGround?: string;
}
