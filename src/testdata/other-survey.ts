import { isForTests } from "../access/test-data.ts";
import type { OtherDatum, Row } from "../sources/contract.ts";
import type { Random } from "./random.ts";
import { type FieldSurvey, surveyOf } from "./survey.ts";

/** What a system holds beyond the common model: by the names that the organisation has configured. */
export class OtherSurvey {
  readonly #byName = new Map<
    string,
    { readonly category: OtherDatum["category"]; readonly values: FieldSurvey }
  >();

  add(other: readonly OtherDatum[], person: number): void {
    for (const { name, value, category } of other) {
      const known = this.#byName.get(name) ?? { category, values: surveyOf("string") };
      this.#byName.set(name, known);
      known.values.add(value, person);
    }
  }

  maker(among: number): (random: Random) => readonly Row[] {
    const draws = [...this.#byName].flatMap(([name, { category, values }]) =>
      isForTests({ category }) ? [{ name, category, draw: values.draws(among) }] : [],
    );
    return (random) => draws.map(({ name, category, draw }) => ({ name, value: draw(random), category }));
  }
}
