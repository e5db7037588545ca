import type { HttpSettings } from "./settings.ts";

/** A stream that counts as open. */
export interface OpenStream {
  /** Aborted when nobody listens any more, or when the gateway closes. */
  readonly closed: AbortSignal;
  close(): void;
}

/** One caller, or all together, have as many streams open as are allowed. */
export interface TooMany {
  readonly of: "caller" | "all";
  readonly allowed: number;
}

/** The event streams of this process; those of other replicas are not counted. */
export class OpenStreams {
  readonly #limits: HttpSettings["streams"];
  readonly #byCaller = new Map<string, Set<AbortController>>();
  #count = 0;
  #isOver = false;

  constructor(limits: HttpSettings["streams"]) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  open(caller: string): OpenStream | TooMany {
    const { perCaller, inAll } = this.#limits;
    const own = this.#byCaller.get(caller) ?? new Set();
    if (own.size >= perCaller) return { of: "caller", allowed: perCaller };
    if (this.#count >= inAll) return { of: "all", allowed: inAll };
    const stream = new AbortController();
    this.#byCaller.set(caller, own.add(stream));
    this.#count += 1;
    if (this.#isOver) stream.abort(goingDown);
    return {
      closed: stream.signal,
      close: () => {
        if (!own.delete(stream)) return;
        this.#count -= 1;
        if (own.size === 0) this.#byCaller.delete(caller);
        stream.abort("nobody listens any more");
      },
    };
  }

  /** They stay open until their answers have ended; so does what is opened from now on. */
  endAll(): void {
    this.#isOver = true;
    for (const own of this.#byCaller.values()) for (const stream of own) stream.abort(goingDown);
  }
}

const goingDown = "the gateway is going down";
