import { describe, expect, it } from "vitest";
import {
  type CallOptions,
  type Finding,
  type Identity,
  InvalidCursor,
  type Source,
  SourceFailure,
} from "../../src/sources/contract.ts";
import { createSourceReader, type SourceCall, SourceUnavailable } from "../../src/sources/loader.ts";

/** A connector kept in memory, for what no real one does: it minds no signal, or answers out of turn. */
class MemorySource implements Source {
  readonly key = "memory";
  readonly processor = { name: "Test", country: "NO", agreement: "none" };
  readonly calls: string[] = [];

  async find(identities: readonly Identity[], _options: CallOptions): Promise<Finding[]> {
    this.calls.push(`find ${identities.length}`);
    return identities.map(() => ({ state: "NOT_HELD" }));
  }
  async page(collection: string, requests: Parameters<Source["page"]>[1]) {
    this.calls.push(`page ${collection} ${requests.map(({ recordKey }) => recordKey).join("")}`);
    if (requests.some(({ after }) => after !== undefined)) throw new InvalidCursor();
    return requests.map(({ recordKey }) => ({
      rows: [{ cursor: recordKey, key: recordKey, row: {} }],
      hasNextPage: false,
    }));
  }
  async list(collection: string, parentKeys: readonly string[]) {
    this.calls.push(`list ${collection} ${parentKeys.join("")}`);
    return parentKeys.map((key) => [{ of: key }]);
  }
  async count(keys: readonly string[]) {
    this.calls.push(`count ${keys.join("")}`);
    return keys.map((_, at) => at);
  }
  async health() {
    return { ok: true };
  }
  async close() {}
}

const readerOf = (source: Source, options: Parameters<typeof createSourceReader>[1] = {}) =>
  createSourceReader(new Map([[source.key, source]]), options);
const identity = (value: string): Identity => ({ identifiers: [{ kind: "EMAIL", value }] });

describe("the reader of one request", () => {
  it("makes one call per source, operation and collection of what is asked together", async () => {
    const source = new MemorySource();
    const reader = readerOf(source);
    const kari = identity("kari@example.com");
    const [, , , page, , list] = await Promise.all([
      reader.find("memory", kari),
      reader.find("memory", kari),
      reader.find("memory", identity("ola@example.com")),
      reader.page("memory", "orders", { recordKey: "a", first: 1 }),
      reader.page("memory", "orders", { recordKey: "b", first: 1 }),
      reader.list("memory", "tags", "a"),
      reader.list("memory", "tags", "b"),
      reader.page("memory", "letters", { recordKey: "a", first: 1 }),
      reader.count("memory", "a"),
      reader.count("memory", "b"),
    ]);
    expect(source.calls.sort()).toEqual([
      "count ab",
      "find 2",
      "list tags ab",
      "page letters a",
      "page orders ab",
    ]);
    expect(page.rows[0]?.key).toBe("a");
    expect(list).toEqual([{ of: "a" }]);
  });

  it("asks for the same page once, and for another size of it again", async () => {
    const source = new MemorySource();
    const reader = readerOf(source);
    const page = (first: number) => reader.page("memory", "orders", { recordKey: "a", first });
    await Promise.all([page(1), page(1), page(2)]);
    expect(source.calls).toEqual(["page orders aa"]);
  });

  it("shares nothing with the next request", async () => {
    const source = new MemorySource();
    const kari = identity("kari@example.com");
    await readerOf(source).find("memory", kari);
    await readerOf(source).find("memory", kari);
    expect(source.calls).toEqual(["find 1", "find 1"]);
  });

  it("gives a connector that minds no signal up when the time of the source is over", async () => {
    class Deaf extends MemorySource {
      override async find(identities: readonly Identity[], options: CallOptions): Promise<Finding[]> {
        await super.find(identities, options);
        return new Promise(() => undefined);
      }
    }
    const calls: SourceCall[] = [];
    const reader = readerOf(new Deaf(), { timeLimits: () => 100, onCall: (call) => calls.push(call) });
    const started = performance.now();
    const find = reader.find("memory", identity("kari@example.com"));
    await expect(find).rejects.toMatchObject({
      name: "SourceUnavailable",
      source: "memory",
      reason: "TIMED_OUT",
    });
    expect(performance.now() - started).toBeLessThan(400);
    expect(calls).toMatchObject([{ source: "memory", operation: "find", outcome: "TIMED_OUT" }]);
    expect(calls[0]?.seconds).toBeGreaterThan(0.09);
    // One budget for the whole request: what comes later is not asked.
    await expect(reader.list("memory", "tags", "a")).rejects.toMatchObject({ reason: "TIMED_OUT" });
  });

  it("stops when the client is gone", async () => {
    const client = new AbortController();
    class Slow extends MemorySource {
      override find(_: readonly Identity[], { signal }: CallOptions): Promise<Finding[]> {
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new SourceFailure("FAILED"))),
        );
      }
    }
    const find = readerOf(new Slow(), { signal: client.signal }).find("memory", identity("kari@example.com"));
    setTimeout(() => client.abort(), 20);
    await expect(find).rejects.toBeInstanceOf(SourceUnavailable);
  });

  it("takes a wrong number of answers, and any fault of a connector, for a failure", async () => {
    class Short extends MemorySource {
      override async find(): Promise<Finding[]> {
        return [];
      }
      override count(): Promise<number[]> {
        throw new TypeError("kari@example.com");
      }
    }
    const reader = readerOf(new Short());
    await expect(reader.find("memory", identity("kari@example.com"))).rejects.toMatchObject({
      reason: "FAILED",
    });
    const count = reader.count("memory", "a");
    await expect(count).rejects.toMatchObject({ reason: "FAILED", message: "memory: FAILED" });
  });

  it("passes invalid cursors on", async () => {
    const reader = readerOf(new MemorySource());
    const page = reader.page("memory", "orders", { recordKey: "a", first: 1, after: "x" });
    await expect(page).rejects.toBeInstanceOf(InvalidCursor);
  });

  it("leaves the other sources alone when one fails", async () => {
    class Failing extends MemorySource {
      override async find(): Promise<Finding[]> {
        throw new SourceFailure("UNREACHABLE");
      }
    }
    const sources = new Map<string, Source>([
      ["down", new Failing()],
      ["memory", new MemorySource()],
    ]);
    const reader = createSourceReader(sources);
    const kari = identity("kari@example.com");
    const found = await Promise.allSettled([reader.find("down", kari), reader.find("memory", kari)]);
    expect(found).toMatchObject([{ reason: { reason: "UNREACHABLE" } }, { value: { state: "NOT_HELD" } }]);
  });

  it("finds nobody in a source that the organisation does not have", async () => {
    const reader = createSourceReader(new Map());
    expect(await reader.find("learning", identity("kari@example.com"))).toEqual({ state: "NOT_HELD" });
  });
});
