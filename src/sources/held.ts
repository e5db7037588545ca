import { mayRead } from "../access/decide.ts";
import type { PersonalLabel } from "../access/labels.ts";
import { type Connection, defaultPageSize, type PageArguments, rowKey, toConnection } from "./connection.ts";
import type { OtherDatum, Row, SourceRecord } from "./contract.ts";
import type { Subject, Viewer } from "./data-subject.ts";
import type { SourceReader } from "./loader.ts";
import { IdentityAmbiguous, IdentityNotVerified, type RecordFinder } from "./match.ts";
import type { Statement, Statements } from "./statements.ts";
import { type Veil, veilOf, type Withholding } from "./withheld.ts";

/** What resolvers of a source's branch need of the operation's context. */
export interface SourceContext {
  readonly sources: SourceReader;
  readonly records: RecordFinder;
  readonly statements: Statements;
  readonly withholding: Withholding;
}

const recordOf = Symbol("recordOf");
const personOf = Symbol("personOf");
const viewerOf = Symbol("viewerOf");
const veiledBy = Symbol("veiledBy");

/** A record as the graph walks it: its fields, and where they came from. */
export interface Held {
  readonly [recordOf]: SourceRecord;
  readonly [personOf]: string;
  readonly [viewerOf]: Viewer;
  /** Null: everything is shown as it is held. */
  readonly [veiledBy]: Veil | null;
  readonly other: readonly OtherDatum[];
}

/**
 * The person's record in a source; null where there is none, or where the person waits for staff to settle which one
 * it is. Rejects with `IdentityAmbiguous` for staff, who have no `holdings` to tell them.
 */
export async function held(
  { records, withholding }: Pick<SourceContext, "records" | "withholding">,
  source: string,
  subject: Subject,
): Promise<Held | null> {
  const match = await records.find(source, subject);
  if (match.state === "NOT_VERIFIED") throw new IdentityNotVerified();
  if (match.state === "NEEDS_REVIEW" && subject.viewer.as === "staff") throw new IdentityAmbiguous(source);
  if (match.state !== "HELD") return null;
  const { record } = match;
  const veil = await veilFor(withholding, source, subject);
  return {
    ...record.fields,
    other: veil
      ? record.other.map((datum) => ({ ...datum, ...veil("other", { value: datum.value }) }))
      : record.other,
    [recordOf]: record,
    [personOf]: subject.id,
    [viewerOf]: subject.viewer,
    [veiledBy]: veil,
  };
}

/** What is withheld is withheld from the person alone: those who are to judge of it see all of it. */
async function veilFor(
  { of, hash }: Withholding,
  source: string,
  { id, viewer, withheldIn }: Subject,
): Promise<Veil | null> {
  return viewer.as === "own" && withheldIn.has(source) ? veilOf(await of(id, source), hash) : null;
}

/** A row of a list, that its own lists are veiled with as well. */
const veiled = (veil: Veil, recordType: string, row: Row): Row =>
  Object.assign(veil(recordType, row), { [veiledBy]: veil });

export async function connection<Node>(
  { sources }: SourceContext,
  source: string,
  collection: string,
  parent: Held,
  { first, after }: PageArguments,
): Promise<Connection<Node>> {
  const request = {
    recordKey: parent[recordOf].key,
    first: first ?? defaultPageSize,
    after: after ?? undefined,
  };
  const page = await sources.page(source, collection, request);
  const veil = parent[veiledBy];
  if (!veil) return toConnection(page, after);
  const rows = page.rows.map((each) => ({ ...each, row: veiled(veil, collection, each.row) }));
  return toConnection({ ...page, rows }, after);
}

export async function wholeList(
  { sources }: SourceContext,
  source: string,
  name: string,
  parent: Held,
): Promise<readonly Row[]> {
  const record = parent[recordOf];
  const rows = record.lists?.[name] ?? (await sources.list(source, name, record.key));
  const veil = parent[veiledBy];
  return veil ? rows.map((row) => veil(name, row)) : rows;
}

/** A short list that belongs to a row of a page. */
export async function nestedList(
  { sources }: SourceContext,
  source: string,
  name: string,
  row: object,
): Promise<readonly Row[]> {
  const of = row as { readonly [rowKey]: string; readonly [veiledBy]?: Veil };
  const rows = await sources.list(source, name, of[rowKey]);
  const veil = of[veiledBy];
  return veil ? rows.map((each) => veil(name, each)) : rows;
}

/** The label of each list of records that can be stated beside. */
export type About<Documents> = Readonly<Record<keyof Documents, Omit<PersonalLabel, "kind">>>;

/** What the person has stated of what the source holds, so far as whoever looks may read what it is about. */
export async function statementsOn(
  { statements }: Pick<SourceContext, "statements">,
  source: string,
  record: Held,
  about: About<Readonly<Record<string, unknown>>>,
): Promise<readonly Statement[]> {
  const all = await statements(record[personOf], source);
  return all.filter(({ recordType }) => {
    const label = about[recordType];
    return label && mayRead(record[viewerOf], { kind: "personal", ...label, freeText: true });
  });
}

/** Lets the rows of a page tell whose they are, for `statementsOnRow`. */
export async function ofPerson<Node extends object>(
  page: Promise<Connection<Node>>,
  record: Held,
): Promise<Connection<Node>> {
  const found = await page;
  for (const { node } of found.edges) Object.assign(node, { [personOf]: record[personOf] });
  return found;
}

/** What the person has stated of the row that goes by a name, or of every such row. */
export async function statementsOnRow(
  { statements }: Pick<SourceContext, "statements">,
  source: string,
  row: object,
  { recordType, name }: { readonly recordType: string; readonly name: string },
): Promise<readonly Statement[]> {
  const all = await statements((row as { [personOf]: string })[personOf], source);
  return all.filter(
    (statement) =>
      statement.recordType === recordType && (statement.record === null || statement.record === name),
  );
}
