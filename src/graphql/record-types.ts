import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { FieldLabel, FieldType, RecordField, RecordType } from "../archive/record-type.ts";
import type { Text } from "../language/language.ts";
import { wordsOf } from "../archive/field-words.ts";
import type { Policies } from "./policies.ts";
import { permits } from "./policies.ts";

/** A record type of the schema, and how its rows are asked for. */
export interface ShownType {
  readonly type: RecordType;
  /** From the person: `["crm", "orders"]`. */
  readonly path: readonly string[];
  readonly as: "record" | "list" | "connection";
  /** GraphQL fields of one row. */
  readonly selection: string;
}

/** By source: what its record types are called, and its fields where `fieldWords` does not say it. */
export type Titles = Readonly<
  Record<
    string,
    {
      readonly types: Readonly<Record<string, Text>>;
      readonly words?: Readonly<Record<string, Text>> | undefined;
    }
  >
>;

/** Worked out from the records at the time of asking; the notice is a document of its own. */
const notRecords: ReadonlySet<string> = new Set(["profile", "notice", "erasurePlan"]);

/** What the gateway itself holds of a person, as a source of its own. */
const gateway = "gateway";

/** Links: whoever reads an archive has no use for them. */
const notTaken: ReadonlySet<string> = new Set([
  "DataSubjectRequest.download",
  "DataSubjectRequest.complaintUrl",
]);

type Field = GraphQLField<unknown, unknown>;

interface Walk {
  readonly policies: Policies;
  /** Types that are open: one inside itself is not gone into again. */
  readonly open: ReadonlySet<string>;
}

/** Every record type that a person may be shown, from the schema alone: one that is new there is new here. */
export function shownTypes(schema: GraphQLSchema, policies: Policies, titles: Titles): readonly ShownType[] {
  const person = schema.getType("DataSubject");
  if (!isObjectType(person)) throw new Error("the schema has no person");
  const walk: Walk = { policies, open: new Set([person.name]) };
  return fieldsFor(walk, person)
    .filter((field) => !notRecords.has(field.name))
    .flatMap((field) => {
      const list = listOf(field);
      return list === null ? branch(walk, field, titles) : [recordType(walk, [field.name], list, titles)];
    })
    .map((shown) => ({ ...shown, type: told(shown.type, titles) }));
}

/** What a system has stored is given as held: only what the gateway itself has written is always what its type says. */
const told = (type: RecordType, titles: Titles): RecordType => {
  const words = titles[type.source]?.words;
  const entitled = (fields: readonly RecordField[]): readonly RecordField[] =>
    fields.map((field) =>
      "list" in field
        ? { ...field, title: wordsOf(field.name, words), list: entitled(field.list) }
        : { ...field, title: wordsOf(field.name, words), asHeld: type.source !== gateway },
    );
  return { ...type, fields: entitled(type.fields) };
};

/** A source's branch: the record, and each of its lists. */
function branch(walk: Walk, field: Field, titles: Titles): readonly ShownType[] {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return [];
  const lists = fieldsFor(walk, type).flatMap((each) => {
    const list = isPartOfRecord(each) ? null : listOf(each);
    return list === null ? [] : [recordType(walk, [field.name, each.name], list, titles)];
  });
  const own = fieldsFor(walk, type).filter((each) => isPartOfRecord(each) || listOf(each) === null);
  const inside = { ...walk, open: new Set([...walk.open, type.name]) };
  const record: ShownType = {
    type: {
      source: field.name,
      name: "record",
      title: titleOf(titles, field.name, "record"),
      fields: own.flatMap((each) => recordFields(inside, type, each)),
    },
    path: [field.name],
    as: "record",
    selection: own.map((each) => selectionOf(inside, each)).join(" "),
  };
  return [record, ...lists];
}

/** What a system holds beyond the common model belongs to the record itself. */
const isPartOfRecord = ({ name }: Field) => name === "other";

interface List {
  readonly as: "list" | "connection";
  readonly node: GraphQLObjectType;
}

function recordType(walk: Walk, path: readonly string[], { as, node }: List, titles: Titles): ShownType {
  const [source, name] = path.length === 1 ? [gateway, path[0]] : path;
  if (source === undefined || name === undefined) throw new Error("a record type without a place");
  const inside = { ...walk, open: new Set([...walk.open, node.name]) };
  return {
    type: { source, name, title: titleOf(titles, source, name), fields: fieldsOfRow(inside, node) },
    path,
    as,
    selection: selectionWithin(inside, node),
  };
}

function titleOf(titles: Titles, source: string, name: string): Text {
  const title = titles[source]?.types[name];
  if (!title) throw new Error(`the record type ${source}.${name} has no title`);
  return title;
}

/** Null: no list of objects. */
function listOf({ type }: Field): List | null {
  const named = getNamedType(type);
  if (!isObjectType(named)) return null;
  const edges = named.getFields()["edges"];
  if (edges) {
    const edge = getNamedType(edges.type);
    const node = isObjectType(edge) && getNamedType(edge.getFields()["node"]?.type);
    return isObjectType(node) ? { as: "connection", node } : null;
  }
  return isListType(getNullableType(type)) ? { as: "list", node: named } : null;
}

const capacity = { roles: new Set(["SUBJECT"] as const), purpose: "DATA_SUBJECT_RIGHTS" } as const;

/** What the person themself may read, and is not gone into already. */
function fieldsFor({ policies, open }: Walk, type: GraphQLObjectType): readonly Field[] {
  return Object.values(type.getFields()).filter((field) => {
    const policy = policies.get(`${type.name}.${field.name}`);
    return (
      policy !== undefined &&
      permits(policy, capacity.roles, capacity) &&
      !open.has(getNamedType(field.type).name) &&
      !notTaken.has(`${type.name}.${field.name}`)
    );
  });
}

const fieldsOfRow = (walk: Walk, type: GraphQLObjectType): readonly RecordField[] =>
  fieldsFor(walk, type).flatMap((field) => recordFields(walk, type, field));

/** The parts of an object that stands alone are fields of the row: `outcome.result`. */
function recordFields(walk: Walk, type: GraphQLObjectType, field: Field): readonly RecordField[] {
  const label = labelOf(walk, type, field);
  const { name } = field;
  const about = {
    name,
    ...(field.description && { description: field.description }),
    ...(label && { label }),
  };
  const named = getNamedType(field.type);
  if (!isObjectType(named))
    return isLeafType(named)
      ? [
          leafList(field) ?? {
            ...about,
            type: fieldType(named),
            nullable: !isNonNullType(field.type),
          },
        ]
      : [];
  const inside = { ...walk, open: new Set([...walk.open, named.name]) };
  const fields = fieldsOfRow(inside, named);
  if (isListType(getNullableType(field.type))) return [{ ...about, list: fields }];
  const nullable = !isNonNullType(field.type);
  return fields.map((each) => ({
    ...each,
    name: `${name}.${each.name}`,
    ...("nullable" in each && { nullable: each.nullable || nullable }),
  }));
}

/** A list of plain values is a list of rows with one field each. */
function leafList({ name, type, description }: Field): RecordField | null {
  if (!isListType(getNullableType(type))) return null;
  const value = { name: plainValue, type: fieldType(getNamedType(type)), nullable: false };
  return { name, list: [value], ...(description && { description }) };
}

export const plainValue = "value";

const fieldTypes: Readonly<Record<string, FieldType>> = {
  Int: "integer",
  Float: "number",
  Boolean: "boolean",
  DateTime: "date-time",
  Date: "date",
};
const fieldType = ({ name }: GraphQLNamedType): FieldType => fieldTypes[name] ?? "string";

function labelOf({ policies }: Walk, type: GraphQLObjectType, field: Field): FieldLabel | null {
  const label = policies.get(`${type.name}.${field.name}`)?.label;
  if (label?.kind !== "personal") return null;
  const { category, purposes, freeText } = label;
  return { category, purposes, ...(freeText && { freeText }) };
}

const selectionWithin = (walk: Walk, type: GraphQLObjectType): string =>
  fieldsFor(walk, type)
    .map((field) => selectionOf(walk, field))
    .join(" ");

function selectionOf(walk: Walk, field: Field): string {
  const named = getNamedType(field.type);
  if (!isObjectType(named)) return field.name;
  const inside = { ...walk, open: new Set([...walk.open, named.name]) };
  return `${field.name} { ${selectionWithin(inside, named)} }`;
}
