import type { Identifier } from "../sources/contract.ts";

/** Numbers the persons of all systems: records that share an identifier are one's. */
export class Persons {
  readonly #numbers = new Map<string, number>();
  readonly #hash: (identifier: Identifier) => string;
  #count = 0;

  /** Of an identifier nothing is kept but its hash. */
  constructor(hash: (identifier: Identifier) => string) {
    this.#hash = hash;
  }

  numberOf(identifiers: readonly Identifier[]): number {
    const hashes = identifiers.map(this.#hash);
    const known = hashes.map((hash) => this.#numbers.get(hash)).find((number) => number !== undefined);
    const number = known ?? this.#count++;
    for (const hash of hashes) this.#numbers.set(hash, number);
    return number;
  }
}
