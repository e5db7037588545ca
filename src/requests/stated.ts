import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { fits, isGround, type RefusalGround } from "./refusal-grounds.ts";
import type { RequestRow } from "./rows.ts";
import { lineOf, textOfLines } from "./text.ts";

/** Characters (code points) of what a person or staff write. */
const longest = 4_000;
const longestLine = 200;

/** What somebody wrote, as it is kept. @throws Refused naming the argument */
export const stated = (given: string, argument: string): string => statedText(given, argument, longest);

/** As `stated`, of so many characters at most. @throws Refused naming the argument */
export function statedText(given: string, argument: string, most: number): string {
  const text = textOfLines(given, most);
  if ("rule" in text) throw new Refused(text.rule, { argument });
  return text.value;
}

/** As `stated`; absent where nothing was written. @throws Refused naming the argument */
export const statedIfAny = (given: string | null | undefined, argument: string): string | undefined =>
  given === null || given === undefined ? undefined : stated(given, argument);

/** As `stated`, of one line. @throws Refused naming the argument */
export function statedLine(given: string, argument: string): string {
  const text = lineOf(given, longestLine);
  if ("rule" in text) throw new Refused(text.rule, { argument });
  return text.value;
}

/** Null: every source. @throws Refused naming the argument */
export function statedSources(
  given: readonly string[] | null | undefined,
  { connected }: Pick<RequestContext, "connected">,
): readonly string[] | null {
  if (given === null || given === undefined) return null;
  const about = { argument: "sources" };
  if (given.length === 0) throw new Refused("EMPTY", about);
  const known = new Set(connected.map(({ key }) => key));
  if (!given.every((source) => known.has(source))) throw new Refused("UNKNOWN_SOURCE", about);
  if (new Set(given).size < given.length) throw new Refused("STATED_TWICE", about);
  return given;
}

/** What a request is turned down on. @throws Refused */
export function statedGround(
  given: string | null | undefined,
  request: Pick<RequestRow, "kind" | "status">,
): RefusalGround {
  const about = { argument: "legalGround" };
  if (given === null || given === undefined || !isGround(given)) throw new Refused("NOT_A_GROUND", about);
  if (!fits(given, request)) throw new Refused("GROUND_DOES_NOT_FIT", about);
  return given;
}
