import { DateTime } from "luxon";
import type { FieldType } from "../archive/record-type.ts";
import { integerBelow, type Random, unrepeatable, weighted } from "./random.ts";
import { ofShape, shapeOf } from "./shape.ts";

/** What a field may hold: drawn from what many hold, and led back to nobody. */
export type Draw = (random: Random) => string | number | boolean | null;

/** How a field is filled in over all persons. Takes no more memory for more of them. */
export interface FieldSurvey {
  /** `person`: whose it is; what one person has a thousand times, one person has. */
  add(value: unknown, person: number): void;
  /** `among`: as many persons at least have what is drawn, or are as near to it as that. */
  draws(among: number): Draw;
}

export function surveyOf(type: FieldType): FieldSurvey {
  switch (type) {
    case "boolean":
      return new TextSurvey((text) => text === "true");
    case "integer":
      return new NumberSurvey(Number, (value) => Math.round(value));
    case "number":
      return new NumberSurvey(Number, (value, digits) => Number(value.toFixed(digits)));
    case "decimal":
      return new NumberSurvey(Number, (value, digits) => value.toFixed(digits));
    case "date":
      return new NumberSurvey(millis, (value) => DateTime.fromMillis(value, { zone: "utc" }).toISODate());
    case "date-time":
      return new NumberSurvey(millis, (value) => new Date(Math.round(value / 1_000) * 1_000).toISOString());
    case "string":
      return new HeldSurvey();
  }
}

/** What a system holds as text may be an amount or a time all the same. */
class HeldSurvey implements FieldSurvey {
  readonly #texts = new TextSurvey((text) => text);
  #read = [
    { form: /^-?\d+\.\d+$/, survey: surveyOf("decimal") },
    { form: /^\d{4}-\d\d-\d\d$/, survey: surveyOf("date") },
    { form: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, survey: surveyOf("date-time") },
  ];

  add(value: unknown, person: number): void {
    if (typeof value === "string") this.#read = this.#read.filter(({ form }) => form.test(value));
    this.#texts.add(value, person);
    for (const { survey } of this.#read) survey.add(value, person);
  }

  draws = (among: number): Draw => (this.#read[0]?.survey ?? this.#texts).draws(among);
}

const millis = (value: unknown) => (typeof value === "string" ? Date.parse(value) : Number.NaN);

/** By how many persons: each is counted once as long as what is theirs comes together. */
class Tally {
  readonly persons = new Map<string, number>();
  readonly #last = new Map<string, number>();
  readonly weights = new Map<string, number>();

  add(key: string, person: number): void {
    if (!this.weights.has(key) && this.weights.size >= mostValues) return;
    this.weights.set(key, (this.weights.get(key) ?? 0) + 1);
    if (this.#last.get(key) === person) return;
    this.#last.set(key, person);
    this.persons.set(key, (this.persons.get(key) ?? 0) + 1);
  }

  /** Those that many have, with how often they are found. */
  common(among: number): (readonly [string, number])[] {
    return [...this.weights].filter(([key]) => (this.persons.get(key) ?? 0) >= among);
  }
}

/** Of a field. What has more is no word that many use. */
const mostValues = 5_000;

class Nulls {
  #nulls = 0;
  #all = 0;
  add(isNull: boolean): boolean {
    this.#all++;
    if (isNull) this.#nulls++;
    return isNull;
  }
  drawn = (random: Random): boolean => this.#all === 0 || random() < this.#nulls / this.#all;
}

/** What many say is said as often; what few say is written as such things are. */
class TextSurvey implements FieldSurvey {
  readonly #nulls = new Nulls();
  readonly #values = new Tally();
  readonly #shapes = new Tally();
  readonly #read: (text: string) => string | boolean;
  #times = 0;

  constructor(read: (text: string) => string | boolean) {
    this.#read = read;
  }

  add(value: unknown, person: number): void {
    if (this.#nulls.add(value === null || value === undefined)) return;
    const text = String(value);
    this.#times++;
    this.#values.add(text, person);
    this.#shapes.add(shapeOf(text), person);
  }

  draws(among: number): Draw {
    const common = this.#values.common(among);
    const shapes = this.#shapes.common(among);
    const rare = this.#times - common.reduce((sum, [, weight]) => sum + weight, 0);
    const choices: (readonly [string | null, number])[] = [...common];
    // What few say is no value of a system's own list where all others are.
    if (shapes.length > 0 && rare > 0 && this.#values.weights.size > common.length * 2)
      choices.push([null, rare]);
    return (random) => {
      if (choices.length === 0 || this.#nulls.drawn(random)) return null;
      const drawn = weighted(random, choices) ?? null;
      return drawn === null ? ofShape(weighted(random, shapes) ?? "Aa+", random) : this.#read(drawn);
    };
  }
}

interface Sampled {
  readonly value: number;
  readonly person: number;
}

/** Numbers and times: somewhere between two of them, where what many persons have lies. */
class NumberSurvey implements FieldSurvey {
  readonly #nulls = new Nulls();
  readonly #sample: Sampled[] = [];
  readonly #parse: (value: unknown) => number;
  readonly #write: (value: number, digits: number) => string | number | null;
  #seen = 0;
  #digits = 0;

  constructor(
    parse: (value: unknown) => number,
    write: (value: number, digits: number) => string | number | null,
  ) {
    this.#parse = parse;
    this.#write = write;
  }

  add(held: unknown, person: number): void {
    const value = held === null || held === undefined ? Number.NaN : this.#parse(held);
    if (this.#nulls.add(!Number.isFinite(value))) return;
    this.#digits = Math.max(this.#digits, Math.min(6, (String(held).split(".")[1] ?? "").length));
    this.#seen++;
    // Each of all that there are is as likely to be in the sample (Vitter's algorithm R).
    const at = this.#seen <= mostSampled ? this.#sample.length : integerBelow(unrepeatable, this.#seen);
    if (at < mostSampled) this.#sample[at] = { value, person };
  }

  draws(among: number): Draw {
    const sorted = this.#sample.toSorted((a, b) => a.value - b.value);
    const spans = spansOf(sorted, among);
    return (random) => {
      const span = spans[integerBelow(random, spans.length)];
      if (span === undefined || this.#nulls.drawn(random)) return null;
      return this.#write(between(sorted.slice(...span), random), this.#digits);
    };
  }
}

/** Somewhere between what two different persons have: in the long run the mean of all. */
function between(span: readonly Sampled[], random: Random): number {
  const one = span[integerBelow(random, span.length)];
  const others = span.filter(({ person }) => person !== one?.person);
  const other = others[integerBelow(random, others.length)];
  return one && other ? one.value + random() * (other.value - one.value) : Number.NaN;
}

const mostSampled = 10_000;

/**
 * From where to where in the sorted sample so many persons have something, the shortest from each place on; what is beyond
 * the last is left out.
 */
function spansOf(sorted: readonly Sampled[], among: number): readonly (readonly [number, number])[] {
  const spans: (readonly [number, number])[] = [];
  const inside = new Map<number, number>();
  let end = 0;
  for (const [start, { person }] of sorted.entries()) {
    for (let next = sorted[end]; next && inside.size < among; next = sorted[++end])
      inside.set(next.person, (inside.get(next.person) ?? 0) + 1);
    if (inside.size < among) break;
    spans.push([start, end]);
    const left = (inside.get(person) ?? 1) - 1;
    if (left === 0) inside.delete(person);
    else inside.set(person, left);
  }
  return spans;
}
