import { integerBelow, type Random } from "./random.ts";

/** What is kept back at once. */
const most = 2_000;

/** Gives out what is put in, in another order: where something stood tells nothing. */
export class Shuffle<T> {
  readonly #kept: T[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Undefined: nothing is given out yet. */
  put(value: T): T | undefined {
    if (this.#kept.length < most) {
      this.#kept.push(value);
      return undefined;
    }
    const at = integerBelow(this.#random, most);
    const out = this.#kept[at];
    this.#kept[at] = value;
    return out;
  }

  *rest(): Generator<T> {
    while (this.#kept.length > 0) {
      const at = integerBelow(this.#random, this.#kept.length);
      const [out] = this.#kept.splice(at, 1);
      if (out !== undefined) yield out;
    }
  }
}
