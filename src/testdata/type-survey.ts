import type { RecordField, RecordType, ScalarField } from "../archive/record-type.ts";
import { isForTests } from "../access/test-data.ts";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier, Row, Value } from "../sources/contract.ts";
import { normaliseStored } from "../subjects/identifiers.ts";
import { inventedOf, type Pseudonym } from "./pseudonyms.ts";
import { integerBelow, type Random } from "./random.ts";
import { ofShape, shapeOf } from "./shape.ts";
import { type Draw, type FieldSurvey, surveyOf } from "./survey.ts";
import { filler } from "./filler.ts";

/** Whose rows they are. */
export interface Surveyed {
  readonly person: number;
  readonly identifiers: readonly Identifier[];
}

/** What a row is made up with. */
export interface MadeFor {
  readonly random: Random;
  readonly pseudonyms: readonly Pseudonym[];
}

export interface RowMaker {
  row(made: MadeFor): Row;
  /** Fields that are left out, with why. */
  readonly leftOut: readonly string[];
}

/** Of employees, who are persons as well. */
const namesStaff: ReadonlySet<string> = new Set(["handledBy"]);

const isSpecial = ({ label }: RecordField) => label != null && !isForTests(label);

/** What the gateway has beside what a system holds. */
const isGateways = ({ name }: RecordField) => name === "statements";

/** Those that are looked at. */
export const takenOf = (fields: RecordType["fields"]): RecordType["fields"] =>
  fields.filter((field) => !isSpecial(field) && !isGateways(field));

/** How the rows of one record type are filled in. */
export class TypeSurvey {
  readonly #scalars: readonly (readonly [ScalarField, ScalarSurvey])[];
  readonly #lists: readonly (readonly [string, ListSurvey])[];
  readonly #leftOut: readonly string[];

  constructor(fields: RecordType["fields"]) {
    const taken = takenOf(fields);
    this.#scalars = taken.flatMap((field) =>
      "list" in field ? [] : [[field, new ScalarSurvey(field)] as const],
    );
    this.#lists = taken.flatMap((field) =>
      "list" in field && field.name !== beyond ? [[field.name, new ListSurvey(field.list)] as const] : [],
    );
    this.#leftOut = fields.filter(isSpecial).map(({ name }) => name);
  }

  add(row: Row, whose: Surveyed): void {
    for (const [{ name }, survey] of this.#scalars) survey.add(row[name] ?? null, whose);
    for (const [name, survey] of this.#lists) {
      const rows = row[name];
      survey.add(Array.isArray(rows) ? (rows as readonly Row[]) : [], whose);
    }
  }

  maker(among: number): RowMaker {
    const scalars = this.#scalars.map(([{ name }, survey]) => [name, survey.maker(among)] as const);
    const lists = this.#lists.map(([name, survey]) => [name, survey.maker(among)] as const);
    return {
      leftOut: this.#leftOut,
      row: (made) => {
        const row: Record<string, Value> = {};
        for (const [name, make] of scalars) row[name] = make(made);
        for (const [name, make] of lists) row[name] = make(made);
        return row;
      },
    };
  }
}

/** What a system holds beyond the common model: names and values of its own. */
const beyond = "other";

/** A list in a record or a row: how long it is, and how its rows are filled in. */
export class ListSurvey {
  readonly #lengths = surveyOf("integer");
  readonly rows: TypeSurvey;

  constructor(fields: RecordType["fields"]) {
    this.rows = new TypeSurvey(fields);
  }

  add(rows: readonly Row[], whose: Surveyed): void {
    this.#lengths.add(rows.length, whose.person);
    for (const row of rows) this.rows.add(row, whose);
  }

  maker(among: number): (made: MadeFor) => readonly Row[] {
    const length = this.#lengths.draws(among);
    const maker = this.rows.maker(among);
    return (made) => Array.from({ length: Number(length(made.random) ?? 0) }, () => maker.row(made));
  }
}

type Maker = (made: MadeFor) => string | number | boolean | null;

class ScalarSurvey {
  readonly #field: ScalarField;
  readonly #values: FieldSurvey;
  readonly #shapes: FieldSurvey = surveyOf("string");
  readonly #words: FieldSurvey = surveyOf("integer");
  readonly #identifies = new Map<IdentifierKind, number>();
  #texts = 0;

  constructor(field: ScalarField) {
    this.#field = field;
    this.#values = surveyOf(field.type);
  }

  add(value: Value, { person, identifiers }: Surveyed): void {
    const { name, type, label } = this.#field;
    if (label?.freeText) {
      this.#words.add(typeof value === "string" ? value.split(/\s+/).length : null, person);
      return;
    }
    this.#values.add(namesStaff.has(name) && value !== null ? shapeOf(String(value)) : value, person);
    if (type !== "string" || typeof value !== "string") return;
    this.#texts++;
    this.#shapes.add(shapeOf(value), person);
    const named = identifiers.find(({ kind, value: known }) => normaliseStored(kind, value) === known);
    if (named) this.#identifies.set(named.kind, (this.#identifies.get(named.kind) ?? 0) + 1);
  }

  maker(among: number): Maker {
    if (this.#field.label?.freeText) return fillerOf(this.#words.draws(among));
    const kind = this.#kind();
    const values = this.#values.draws(among);
    if (kind === null && namesStaff.has(this.#field.name))
      return ({ random }) => {
        const shape = values(random);
        return shape === null ? null : ofShape(String(shape), random);
      };
    if (kind === null) return ({ random }) => values(random);
    const shapes = this.#shapes.draws(among);
    return ({ random, pseudonyms }) => {
      if (values(random) === null) return null;
      const shape = String(shapes(random) ?? "a+");
      const own = pseudonyms.filter((each) => each.kind === kind);
      return own[integerBelow(random, own.length)]?.written(shape) ?? inventedOf(kind, shape, random);
    };
  }

  /** Most of what it says names the person. */
  #kind(): IdentifierKind | null {
    const [first] = [...this.#identifies].sort(([, a], [, b]) => b - a);
    return first && first[1] * 2 > this.#texts ? first[0] : null;
  }
}

const fillerOf =
  (words: Draw): Maker =>
  ({ random }) => {
    const count = words(random);
    return count === null ? null : filler(Number(count), random);
  };
