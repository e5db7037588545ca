import type { TableMetadata } from "kysely";
import type {
  Anonymising,
  Coarse,
  KeptMark,
  NewKey,
  Overwriting,
  SharedRow,
  SqlErasures,
  TracePlace,
} from "./erasure-mapping.ts";
import type { AnySqlMapping } from "./plan.ts";
import { usedAs } from "./use.ts";

type Find = (table: string) => TableMetadata | undefined;

/** What a mapping says of erasing that cannot be, or leaves open: what is said names what to write. */
export function unerasable(mapping: AnySqlMapping, find: Find): string[] {
  const { erasures, collections } = mapping;
  if (!erasures) return [];
  const tops = Object.keys(collections).filter((name) => !name.includes("."));
  const said = Object.keys(erasures.collections);
  return [
    ...tops.filter((name) => !said.includes(name)).map((name) => `erasures: say how ${name} is erased`),
    ...said
      .filter((name) => !tops.includes(name))
      .map((name) => `erasures: ${name} is no collection of the record`),
    ...said.flatMap((name) => ofCollection(mapping, erasures, name, find)),
    ...said.flatMap((name) => ofShared(mapping, erasures, name, find)),
    ...ofRecord(mapping, erasures, find),
    ...(erasures.traces ?? []).flatMap((place) => [
      ...ofTrace(place, find),
      ...amongRecords(place, mapping, find(place.table)),
    ]),
  ];
}

function ofCollection(
  { collections }: AnySqlMapping,
  erasures: SqlErasures,
  name: string,
  find: Find,
): string[] {
  const [collection, how] = [collections[name], erasures.collections[name]];
  if (!collection || !how) return [];
  const { table, key, parent, through } = collection;
  const { anonymise, mark, along = [], identifiers = [] } = how;
  const inside = Object.keys(collections).filter((each) => each.startsWith(`${name}.`));
  return [
    ...(anonymise ? ofAnonymising(anonymise, { table, key, parent }, find(table)) : []),
    ...(anonymise && inside.length + along.length > 0
      ? [`erasures: ${name} cannot be anonymised with rows inside it`]
      : []),
    ...missing(table, [...columnsOfMark(mark), ...identifiers.map(({ column }) => column)], find(table)),
    ...(through && identifiers.length > 0
      ? [`erasures: whose rows of ${table} are is not in them: leave out identifiers`]
      : []),
    ...along.flatMap((each) => missing(each.table, [each.key, each.parent], find(each.table))),
  ];
}

function ofAnonymising(
  { overwrite, keeps, key: newKey }: Anonymising,
  { table, key, parent }: { readonly table: string; readonly key: string; readonly parent: string },
  found: TableMetadata | undefined,
): string[] {
  return [
    ...(parent in overwrite
      ? [`erasures: ${table}.${parent} is given to the one parent: leave it out of overwrite`]
      : []),
    ...ofKey(table, key, newKey, Object.hasOwn(keeps, key), found),
    ...ofStaying(table, { overwrite, keeps }, [key, parent], found),
  ];
}

/** What people use together must go on saying that they do, and what hangs on it has to go while it is known whose it is. */
function ofShared({ collections }: AnySqlMapping, erasures: SqlErasures, name: string, find: Find): string[] {
  const [collection, how] = [collections[name], erasures.collections[name]];
  const used = usedAs(collections, name);
  if (!collection || !how) return [];
  if (!used) return how.shared ? [`erasures: no collection goes through ${name}: leave out shared`] : [];
  if (!how.shared || how.anonymise)
    return [`erasures: others may use what a row of ${name} says is used: say what is left of it (shared)`];
  const said = Object.keys(erasures.collections);
  const late = said
    .slice(said.indexOf(name))
    .filter((each) => collections[each]?.through?.collection === name);
  return [
    ...late.map((each) => `erasures: list ${each} before ${name}, through which it goes`),
    ...ofSharedRow(how.shared, { ...collection, thing: used.thing }, find(collection.table)),
  ];
}

function ofSharedRow(
  shared: SharedRow,
  own: { readonly table: string; readonly key: string; readonly parent: string; readonly thing: string },
  found: TableMetadata | undefined,
): string[] {
  const { table, parent, thing } = own;
  const isEmptied = found?.columns.find(({ name }) => name === parent)?.isNullable ?? true;
  return [
    ...ofAnonymising({ ...shared, parent: "" }, own, found),
    ...(thing in shared.overwrite ? [`erasures: ${table}.${thing} says what is shared: keep it`] : []),
    ...(isEmptied ? [] : [`erasures: ${table}.${parent} is never null: nobody can be left out of it`]),
  ];
}

/** A key leads back as surely as a name does, to whoever has an older copy. */
function ofKey(
  table: string,
  key: string,
  newKey: NewKey | undefined,
  isKept: boolean,
  found: TableMetadata | undefined,
): string[] {
  const type = found?.columns.find(({ name }) => name === key)?.dataType ?? "";
  if (newKey === undefined)
    return isKept
      ? []
      : [`erasures: ${table}.${key} leads back: say what key it becomes, or in keeps why it is kept`];
  return [
    ...(isKept ? [`erasures: ${table}.${key} is changed and kept: choose one`] : []),
    ...(takes[newKey].test(type) ? [] : [`erasures: ${table}.${key} (${type}) takes no key ${newKey}`]),
  ];
}

/** Types of columns as the drivers name them. */
const takes: Readonly<Record<NewKey, RegExp>> = {
  NEGATIVE: /^(int(?!erval)|bigint|mediumint|serial|bigserial|numeric|decimal|number)(?!.*unsigned)/i,
  UUID: /uuid|uniqueidentifier|char|text/i,
};

function ofRecord({ person }: AnySqlMapping, { record }: SqlErasures, find: Find): string[] {
  const { table, key, identifiers } = person;
  const found = find(table);
  const { stays, reduced, mark } = record;
  const named = identifiers.filter(({ column }) => stays && column in stays.keeps);
  return [
    ...(stays ? ofStaying(table, stays, [key], found) : []),
    ...(reduced ? ofStaying(table, reduced, [key], found) : []),
    ...named.map(({ column }) => `erasures: ${table}.${column} names the person: overwrite it`),
    ...missing(table, columnsOfMark(mark), found),
  ];
}

/** Of a row that stays, every column is spoken for. */
function ofStaying(
  table: string,
  { overwrite, keeps }: { readonly overwrite: Overwriting; readonly keeps: Readonly<Record<string, string>> },
  aside: readonly string[],
  found: TableMetadata | undefined,
): string[] {
  const said = [...Object.keys(overwrite), ...Object.keys(keeps)];
  const open = (found?.columns ?? [])
    .map(({ name }) => name)
    .filter((name) => ![...aside, ...said].includes(name));
  return [
    ...open.map((name) => `erasures: ${table}.${name} stays: overwrite it, or say in keeps why it is kept`),
    ...Object.keys(overwrite)
      .filter((name) => name in keeps)
      .map((name) => `erasures: ${table}.${name} is overwritten and kept: choose one`),
    ...missing(table, said, found),
    ...ofOverwriting(table, overwrite, found),
  ];
}

function ofTrace(place: TracePlace, find: Find): string[] {
  const { table, key, named, where = {}, overwrite } = place;
  const found = find(table);
  const own = named.filter((how) => !("of" in how));
  const open = overwrite ? own.filter(({ column }) => !(column in overwrite)) : [];
  const columns = [key, ...own.map(({ column }) => column), ...Object.keys({ ...where, ...overwrite })];
  return [
    ...(named.length === 0 ? [`erasures: say by which columns rows of ${table} name a person`] : []),
    ...open.map(({ column }) => `erasures: ${table}.${column} names the person: overwrite it as well`),
    ...missing(table, columns, found),
    ...ofAlong(place, find),
    ...ofOverwriting(table, overwrite ?? {}, found),
  ];
}

/** Rows that go with a trace, and may say whose it is. */
function ofAlong({ along = [], named }: TracePlace, find: Find): string[] {
  const unknown = named.flatMap((how) =>
    "of" in how && how.of !== undefined && !along.some(({ table }) => table === how.of) ? [how.of] : [],
  );
  return [
    ...unknown.map((table) => `erasures: ${table} names whose a trace is: say in along how it hangs on it`),
    ...along.flatMap(({ table, key, parent }) => {
      const naming = named.filter((how) => "of" in how && how.of === table);
      return missing(table, [key, parent, ...naming.map(({ column }) => column)], find(table));
    }),
  ];
}

/** Rows that are a record's, or a record itself, are nobody's traces. */
function amongRecords(place: TracePlace, mapping: AnySqlMapping, found: TableMetadata | undefined): string[] {
  const { table, where = {} } = place;
  const isOwners = (column: string) => !(column in where) || where[column] !== null;
  return [
    ...(table === mapping.person.table ? ofFormerRecords(place, found) : []),
    ...Object.values(mapping.collections)
      .filter((collection) => collection.table === table && isOwners(collection.parent))
      .map(
        ({ parent }) =>
          `erasures: rows of ${table} may be somebody's: look for traces where ${parent} is null`,
      ),
  ];
}

/** Records that the system only marks as deleted: which these are must be said, and what is left of them. */
function ofFormerRecords(
  { table, key, where = {}, overwrite }: TracePlace,
  found: TableMetadata | undefined,
): string[] {
  if (!overwrite)
    return [`erasures: rows of ${table} are people: traces there can be overwritten, and not deleted`];
  const open = (found?.columns ?? []).filter(({ name }) => name !== key && !(name in overwrite));
  return [
    ...(Object.keys(where).length === 0
      ? [`erasures: rows of ${table} are people: say which of them are nobody's any more (where)`]
      : []),
    ...open.map(({ name }) => `erasures: ${table}.${name} stays: overwrite it as well`),
  ];
}

function ofOverwriting(table: string, overwrite: Overwriting, found: TableMetadata | undefined): string[] {
  return Object.entries(overwrite).flatMap(([name, value]) => {
    const nullable = found?.columns.find((column) => column.name === name)?.isNullable ?? true;
    const isCoarse = typeof value === "object" && value !== null;
    const empties = value === null || (isCoarse && "oneOf" in value);
    return [
      ...(empties && !nullable
        ? [`erasures: ${table}.${name} is never null: write another value over it`]
        : []),
      ...(isCoarse && isMeaningless(value) ? [`erasures: ${table}.${name} cannot be made coarse so`] : []),
    ];
  });
}

function isMeaningless(value: Coarse): boolean {
  if ("nearest" in value) return !(value.nearest > 0);
  return "oneOf" in value && value.oneOf.length === 0;
}

function missing(table: string, columns: readonly string[], found: TableMetadata | undefined): string[] {
  if (!found) return [`erasures: table ${table} is not there, or may not be read`];
  const actual = new Set(found.columns.map(({ name }) => name));
  return [...new Set(columns)]
    .filter((name) => !actual.has(name))
    .map((name) => `erasures: there is no column ${table}.${name}`);
}

const columnsOfMark = (mark: KeptMark | undefined): string[] =>
  mark ? [mark.restriction?.column, mark.until].filter((column) => column !== undefined) : [];
