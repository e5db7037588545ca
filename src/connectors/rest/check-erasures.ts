import { ownRecord, traces } from "../../sources/writes.ts";
import { MappingError } from "../match.ts";
import type { ErasedType, ErasingWay } from "./erasure-mapping.ts";
import type { AnyRestMapping } from "./person.ts";

/** Says what contradicts itself in how a mapping erases, and what to write instead. @throws MappingError */
export function checkErasures(source: string, mapping: AnyRestMapping): void {
  const { erasures, record, collections } = mapping;
  if (!erasures) return;
  const order = erasures.types.map(({ recordType }) => recordType);
  const needed = [...Object.keys(collections).filter((name) => !name.includes(".")), ownRecord];
  const known = new Set([...needed, traces]);
  const problems = [
    ...(record ? [] : ["what is erased is read before and after: map the record endpoint"]),
    ...needed
      .filter((name) => !order.includes(name))
      .map((name) => `say how ${name} is erased, or list it without \`by\` where nothing does it`),
    ...order.filter((name) => !known.has(name)).map((name) => `there is no collection ${name}`),
    ...order
      .filter((name, at) => order.indexOf(name) !== at)
      .map((name) => `${name} is listed twice: give one entry several places`),
    ...(order.at(-1) === ownRecord ? [] : ["list the record last: what hangs on it goes first"]),
    ...erasures.types.flatMap((type) =>
      [...typeProblems(type, mapping), ...takenProblems(type, order)].map(
        (problem) => `${type.recordType}: ${problem}`,
      ),
    ),
  ];
  if (problems.length > 0)
    throw new MappingError(`${source}: erasures: ${[...new Set(problems)].join("; ")}`);
}

const waysOf = ({ by, places = [] }: ErasedType): ErasingWay[] =>
  [by, ...places.map((place) => place.by)].flatMap((way) => way ?? []);

function typeProblems(type: ErasedType, { collections, writes }: AnyRestMapping): string[] {
  const { recordType, by, places = [], isErased, reduced } = type;
  const collection = Object.hasOwn(collections, recordType) ? collections[recordType] : undefined;
  const isRecord = recordType === ownRecord;
  const isPaged = collection !== undefined && "results" in collection;
  return [
    ...(recordType === traces && places.length === 0 ? ["name the places where they are looked for"] : []),
    ...(recordType === traces && by ? ["they are nothing but places: give each its own `by`"] : []),
    ...(!isRecord && (isErased || reduced) ? ["`isErased` and `reduced` are of the record"] : []),
    ...places
      .filter(({ counts }) => Object.keys(counts).length === 0)
      .map(({ path }) => `${path} has no counts`),
    ...places
      .filter(({ path, asks = {} }) => !path.includes("{key}") && Object.keys(asks).length === 0)
      .map(({ path }) => `${path} is asked for nobody: put {key} into the path, or name what it \`asks\` by`),
    ...waysOf(type).flatMap((way) => wayProblems(way, way === by && isPaged, writes?.idempotencyHeader)),
  ];
}

function wayProblems(way: ErasingWay, isPaged: boolean, idempotencyHeader: string | undefined): string[] {
  if ("eachRow" in way) {
    return [
      ...(isPaged ? [] : ["`eachRow` needs rows with keys: a paged collection"]),
      ...(way.eachRow.path.includes("{row}") ? [] : ["put {row} into the path of `eachRow`"]),
    ];
  }
  const alone = way.withoutRecord?.path.includes("{key}")
    ? ["`withoutRecord` is where there is no record: take {key} out of its path"]
    : [];
  if (!("job" in way)) return alone;
  const { status, find } = way.job;
  const states = [...status.running, ...status.done, ...status.failed];
  return [
    ...alone,
    ...(status.path.includes("{job}") ? [] : ["put {job} into the path of the job's status"]),
    ...([status.running, status.done, status.failed].every((words) => words.length > 0)
      ? []
      : ["say which states of the job are running, done and failed"]),
    ...(new Set(states).size === states.length ? [] : ["a state of the job can mean one thing only"]),
    ...(find.reference !== undefined && idempotencyHeader === undefined
      ? ["a job names the key it was started with where there is a writes.idempotencyHeader"]
      : []),
  ];
}

function takenProblems(type: ErasedType, order: readonly string[]): string[] {
  const taken = waysOf(type).flatMap((way) => ("eachRow" in way ? [] : (way.alsoTakes ?? [])));
  return [
    ...taken.filter((name) => !order.includes(name)).map((name) => `alsoTakes: ${name} is not listed`),
    ...taken
      .filter((name) => name === type.recordType)
      .map((name) => `alsoTakes: ${name} is the type itself`),
  ];
}
