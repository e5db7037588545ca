/** Something that came from the gateway, with how often it came. */
export type Kept<T> = T & { readonly deliveries: number };

/** Keeps one of each id, in the order in which they first came; the oldest go when it is full. */
export class Shelf<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns whether it is new */
  put(id: string, thing: T): boolean {
    const known = this.#kept.get(id);
    this.#kept.set(id, { ...(known ?? thing), deliveries: (known?.deliveries ?? 0) + 1 });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
    }
    return known === undefined;
  }

  /** Oldest first. */
  list(): readonly Kept<T>[] {
    return [...this.#kept.values()];
  }
}
