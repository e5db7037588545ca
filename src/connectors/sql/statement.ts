import { CompiledQuery, type Kysely } from "kysely";
import type { Fragment } from "./dialect.ts";

/** Table and column names come from the mapping, so no database type can be written down. */
export type AnyDatabase = Kysely<Record<string, Record<string, unknown>>>;

/** A place in a statement that a value is bound to when it runs. */
class Slot {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}

/** SQL text that is written once and bound many times: writing it costs more than running it. */
export class Statement {
  readonly #text: string;
  readonly #parameters: readonly unknown[];

  /** `build` is given as many slots as it asks for; their order is that of the values to bind. */
  constructor(database: AnyDatabase, build: (slot: () => unknown) => Fragment) {
    let slots = 0;
    const compiled = build(() => new Slot(slots++)).compile(database);
    this.#text = compiled.sql;
    this.#parameters = compiled.parameters;
  }

  bind(values: readonly unknown[]): CompiledQuery<Stored> {
    const parameters = this.#parameters.map((p) => (p instanceof Slot ? values[p.at] : p));
    return CompiledQuery.raw(this.#text, parameters) as CompiledQuery<Stored>;
  }
}

/** A row as the driver gives it, by the aliases of `Selection`. */
export type Stored = Readonly<Record<string, unknown>>;

/** Statements by shape. Shapes are few, but callers choose page batches: the cache is bounded. */
export class Statements {
  readonly #byShape = new Map<string, Statement>();

  get(shape: string, make: () => Statement): Statement {
    let statement = this.#byShape.get(shape);
    if (!statement) {
      if (this.#byShape.size >= 256) this.#byShape.clear();
      this.#byShape.set(shape, (statement = make()));
    }
    return statement;
  }
}

/** Repeats the last value up to a power of two, so that `in (…)` lists come in few lengths. */
export function padded<T>(values: readonly T[]): T[] {
  const length = values.length < 2 ? values.length : 2 ** Math.ceil(Math.log2(values.length));
  const last = values.at(-1);
  return last === undefined ? [] : [...values, ...Array<T>(length - values.length).fill(last)];
}
