import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import type { Identifier, Row } from "../sources/contract.ts";
import { SourceFailure, type SourceFailureReason } from "../sources/contract.ts";
import type { ErasableSource, IdentifiedRecord } from "../sources/erasures.ts";
import type { Files } from "./files.ts";
import { OtherSurvey } from "./other-survey.ts";
import { Persons } from "./persons.ts";
import { pseudonymsOf } from "./pseudonyms.ts";
import { unrepeatable } from "./random.ts";
import { identifiedOf, recordsOf, type SourceTypes, type WholeRecord } from "./records.ts";
import { Shuffle } from "./shuffle.ts";
import { ListSurvey, type MadeFor, type Surveyed, TypeSurvey } from "./type-survey.ts";

export interface CopyParts {
  readonly sources: readonly { readonly source: ErasableSource; readonly types: SourceTypes }[];
  /** Whether anything of whoever this names may be used for it (GDPR Art. 18, 21). */
  readonly mayBeUsed: (identifiers: readonly Identifier[]) => boolean;
  /** Keyed hash; nothing else of an identifier is kept while the copy is made. */
  readonly hash: (identifier: Identifier) => string;
  /** Persons, at least, who have what is drawn. */
  readonly among: number;
  readonly files: Omit<Files, "close">;
  readonly signal: AbortSignal;
}

/** What was done with a system. */
export interface Copied {
  readonly source: string;
  readonly records: number;
  /** Of persons who object to it, or whose processing is restricted, here or by the system itself. */
  readonly leftOut: number;
  /** Fields of special categories. */
  readonly fieldsLeftOut: readonly string[];
  /** Why there is nothing of it; null: there is. */
  readonly failure: SourceFailureReason | null;
}

/**
 * Makes up as many records as each system has, that are filled in and hang together as those are, and led back to nobody.
 */
export async function makeCopy(parts: CopyParts): Promise<readonly Copied[]> {
  const key = createSecretKey(randomBytes(32));
  const copy = { ...parts, persons: new Persons(parts.hash), pseudonymOf: pseudonymsOf(key) };
  const copied: Copied[] = [];
  for (const each of parts.sources) copied.push(await copyOf(each, copy));
  return copied;
}

type Copying = CopyParts & {
  readonly persons: Persons;
  readonly pseudonymOf: ReturnType<typeof pseudonymsOf>;
};
type OneSource = CopyParts["sources"][number];

async function copyOf({ source, types }: OneSource, copy: Copying): Promise<Copied> {
  try {
    const surveys = surveysOf(types);
    let leftOut = 0;
    const used = (record: IdentifiedRecord) => {
      const isUsed = mayUse(record, copy);
      if (!isUsed) leftOut++;
      return isUsed;
    };
    for await (const record of recordsOf(source, types, used, copy.signal))
      survey(surveys, record, copy.persons);
    const made = await writeRecords({ source, types }, surveys, copy);
    await copy.files.finish(source.key);
    return { source: source.key, ...made, leftOut, failure: null };
  } catch (error) {
    await copy.files.discard(source.key);
    if (!(error instanceof SourceFailure)) throw error;
    const { reason } = error;
    return { source: source.key, records: 0, leftOut: 0, fieldsLeftOut: [], failure: reason };
  }
}

/** A mark of the system's own stands whether or not the person has told the gateway of it. */
const mayUse = ({ identifiers, restricted }: IdentifiedRecord, { mayBeUsed }: Copying) =>
  !restricted && mayBeUsed(identifiers);

interface Surveys {
  readonly record: TypeSurvey;
  readonly other: OtherSurvey;
  readonly lists: readonly (readonly [string, ListSurvey])[];
}

const surveysOf = ({ record, lists }: SourceTypes): Surveys => ({
  record: new TypeSurvey(record.fields),
  other: new OtherSurvey(),
  lists: lists.map(({ type }) => [type.name, new ListSurvey(type.fields)] as const),
});

/** What the law keeps of a person is used for nothing else. */
const isKept = (row: Row) => row["restricted"] === true;

function survey(
  surveys: Surveys,
  { fields, identifiers, other, lists }: WholeRecord,
  persons: Persons,
): void {
  const whose: Surveyed = { person: persons.numberOf(identifiers), identifiers };
  surveys.record.add(fields, whose);
  surveys.other.add(other, whose.person);
  for (const [name, list] of surveys.lists)
    list.add(
      (lists.get(name) ?? []).filter((row) => !isKept(row)),
      whose,
    );
}

async function writeRecords(
  { source, types }: OneSource,
  surveys: Surveys,
  copy: Copying,
): Promise<Pick<Copied, "records" | "fieldsLeftOut">> {
  const { among, pseudonymOf, files, signal } = copy;
  const record = surveys.record.maker(among);
  const other = surveys.other.maker(among);
  const lists = surveys.lists.map(([name, list]) => [name, list.maker(among)] as const);
  const left = surveys.lists.flatMap(([name, list]) =>
    list.rows.maker(among).leftOut.map((field) => `${name}.${field}`),
  );
  const shuffle = new Shuffle<MadeFor>(unrepeatable);
  let records = 0;
  const writeOne = async (made: MadeFor) => {
    const key = randomUUID();
    await files.write(source.key, types.record.name, {
      key,
      ...record.row(made),
      other: other(made.random),
    });
    for (const [name, rows] of lists)
      for (const row of rows(made)) await files.write(source.key, name, { record: key, ...row });
    records++;
  };
  for await (const identified of identifiedOf(source, signal)) {
    if (!mayUse(identified, copy)) continue;
    const pseudonyms = identified.identifiers.map(pseudonymOf);
    const next = shuffle.put({ random: unrepeatable, pseudonyms });
    if (next) await writeOne(next);
  }
  for (const made of shuffle.rest()) await writeOne(made);
  return { records, fieldsLeftOut: [...record.leftOut, ...left] };
}
