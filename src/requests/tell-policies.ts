import { isLanguage, type Language } from "../language/language.ts";
import { SourceFailure } from "../sources/contract.ts";
import type { Mailer } from "../sources/mailer.ts";
import { dbOf } from "../store/tables.ts";
import type { People, RegisterParts } from "../subjects/people.ts";
import type { Organisation } from "./organisation.ts";
import { nextAttempt, type Patience } from "./patience.ts";
import { policyLetter } from "./policy-letter.ts";
import {
  endNotice,
  goThrough,
  type Notice,
  type NoticeEnd,
  putBack,
  takeNotices,
  type ToldVersion,
  toldVersions,
  versionsToTell,
} from "./policy-notices.ts";

export interface TellPoliciesParts {
  readonly register: RegisterParts;
  readonly people: Pick<People, "byId">;
  readonly mailer: Mailer;
  readonly organisation: Pick<Organisation, "controller" | "supervisoryAuthority">;
  readonly patience: Patience;
  readonly failed: (error: unknown) => void;
  /** `untold`: without an address; `failed`: an attempt, which is made again. */
  readonly onPolicyNotice: (outcome: "told" | "untold" | "failed", count: number) => void;
}

/** Milliseconds of one turn: then another replica may take the next. */
const turn = 30_000;
/** Messages under way at once. */
const atOnce = 4;
/** Seconds for which a person's notice is taken. */
const taken = 60;
/** Milliseconds for the mail server, for one message. */
const mailPatience = 30_000;

/**
 * Tells persons of the versions of the privacy policy that they are to be told of, batch by batch, each person once for each
 * version. Killed at any point it goes on where it was; a message whose end was not written down is sent again as the same
 * message. Resolves with the seconds until there is more to do, where there is. Rejects where the mail server cannot be
 * reached at all: nobody's attempt is counted then.
 */
export async function tellPolicies(parts: TellPoliciesParts): Promise<number | void> {
  const { mailer, register, onPolicyNotice } = parts;
  if (!mailer.reachable) return;
  const db = dbOf(register.store);
  const until = performance.now() + turn;
  for (const version of await versionsToTell(db)) {
    for (let isThrough = false; !isThrough;) {
      if (performance.now() > until) return 0;
      const gone = await goThrough(db, version);
      isThrough = gone.isThrough;
      onPolicyNotice("untold", gone.untold);
    }
  }
  while (performance.now() < until) {
    const notices = await takeNotices(db, atOnce, taken);
    if (notices.length === 0) return;
    const versions = await toldVersions(db, [...new Set(notices.map(({ version }) => version))]);
    await sendAll(parts, notices, new Map(versions.map((each) => [each.version, each])));
  }
  return 0;
}

/** What one cannot be sent keeps no other from being told. Rejects where the mail server cannot be reached. */
async function sendAll(
  parts: TellPoliciesParts,
  notices: readonly Notice[],
  versions: ReadonlyMap<string, ToldVersion>,
): Promise<void> {
  const db = dbOf(parts.register.store);
  const away: { readonly id: string; readonly error: SourceFailure }[] = [];
  await Promise.all(
    notices.map(async (notice) => {
      const end = await send(parts, notice, versions.get(notice.version));
      if ("error" in end) away.push({ id: notice.id, ...end });
      else await endNotice(db, notice.id, end);
    }),
  );
  const [first] = away;
  if (!first) return;
  await putBack(
    db,
    away.map(({ id }) => id),
  );
  parts.onPolicyNotice("failed", away.length);
  throw first.error;
}

async function send(
  { people, mailer, organisation, patience, failed, onPolicyNotice }: TellPoliciesParts,
  notice: Notice,
  version: ToldVersion | undefined,
): Promise<NoticeEnd | { readonly error: SourceFailure }> {
  try {
    if (!version) throw new Error("a notice of a version that is not there");
    const person = await people.byId(notice.subjectId);
    const address = person?.shown.find(({ kind }) => kind === "EMAIL");
    if (!address) {
      onPolicyNotice("untold", 1);
      return { state: "NO_ADDRESS" };
    }
    const letter = policyLetter(version, languageFor(notice, version), organisation);
    const signal = AbortSignal.timeout(mailPatience);
    await mailer.send({ id: notice.id, to: address.value, ...letter }, { signal });
    onPolicyNotice("told", 1);
    return { state: "TOLD" };
  } catch (error) {
    if (error instanceof SourceFailure && error.reason === "UNREACHABLE") return { error };
    if (!(error instanceof SourceFailure)) failed(error);
    onPolicyNotice("failed", 1);
    const again = nextAttempt(patience, notice.attempts, undefined).getTime();
    return { state: "PENDING", retrySeconds: Math.max((again - Date.now()) / 1_000, 0) };
  }
}

/** The person's; where that is not known, that of the version. */
const languageFor = ({ language }: Notice, version: ToldVersion): Language =>
  language ?? (isLanguage(version.language) ? version.language : "nb");
