import { SourceFailure } from "../../sources/contract.ts";
import type {
  Capabilities,
  Correction,
  Withdrawal,
  WriteOptions,
  WriteOutcome,
} from "../../sources/writes.ts";
import { MappingError } from "../match.ts";
import { type FieldWriting, memberOf, says, writtenAs } from "../writing.ts";
import type { Call } from "./call.ts";
import { nothing, type RestClient } from "./client.ts";
import type { Finder } from "./find.ts";
import type { JsonPath, Switch } from "./mapping.ts";
import { withKey } from "./page.ts";
import type { AnyRestMapping, PersonReader } from "./person.ts";
import type { RecordReader } from "./records.ts";
import { memberReader, type Nulls } from "./rows.ts";

/** What is to become of one record. */
interface Change {
  readonly key: string;
  /** Whether the record is so already, however it came to be. */
  readonly done: (record: unknown) => boolean;
  readonly conflict: (record: unknown) => boolean;
  readonly refuses: (record: unknown) => boolean;
  readonly call: Pick<Call<never>, "method" | "path">;
  readonly body: (record: unknown) => unknown;
}

export function capabilitiesOf({ writes, erasures }: AnyRestMapping): Capabilities {
  return {
    rectifies: new Set(Object.keys(writes?.fields ?? {})),
    snapshots: writes?.snapshots ?? [],
    restricts: writes?.restriction !== undefined,
    suppresses: writes?.suppression !== undefined,
    tellsWithdrawals: writes?.withdrawals !== undefined,
    erases: (erasures?.types ?? []).map(({ recordType, manner }) => ({ recordType, manner })),
  };
}

/** Says what contradicts itself in what a mapping writes. @throws MappingError */
export function checkWrites(source: string, { writes, record, person, collections }: AnyRestMapping): void {
  if (!writes) return;
  const unheld = Object.keys(writes.fields ?? {}).filter((field) => person.fields[field] == null);
  const repeated = (writes.snapshots ?? []).flatMap(({ collection, repeats }) => [
    ...(Object.hasOwn(collections, collection) ? [] : [`snapshots: there is no collection ${collection}`]),
    ...repeats
      .filter((field) => person.fields[field] == null)
      .map((field) => `snapshots: ${field} is no field that is held`),
  ]);
  const problems = [
    ...(record ? [] : ["what is written is read before and after: map the record endpoint"]),
    ...unheld.map((field) => `${field} is written, but is no field that is held`),
    ...Object.entries(writes.fields ?? {}).flatMap(([field, writing]) =>
      unwritable(field, writing, person.fields[field] ?? null, person.identifiers),
    ),
    ...repeated,
    ...(writes.withdrawals && !writes.suppression ? ["withdrawals need a suppression to be told by"] : []),
  ];
  if (problems.length > 0) throw new MappingError(`${source}: ${problems.join("; ")}`);
}

function unwritable(
  field: string,
  writing: FieldWriting | undefined,
  mapped: JsonPath | null,
  identifiers: AnyRestMapping["person"]["identifiers"],
): string[] {
  if (mapped === null) return [];
  const { path, as = "text", values, when } = typeof mapped === "string" ? { path: mapped } : mapped;
  const identifier = identifiers.find((each) => each.path === path && /^(EMAIL|PHONE)$/.test(each.kind));
  return [
    ...(as === "text" && !values && !when
      ? []
      : [`${field} is read by as, values or when, and cannot be written`]),
    ...(identifier && identifier.kind !== writing?.kind
      ? [`${field} is found by as ${identifier.kind}, and has to be written as one`]
      : []),
  ];
}

const refused: WriteOutcome = { state: "refused" };

/** Changes records by the API's calls. Each is read before, so that nothing is done twice, and after. */
export class Writer {
  readonly #client: RestClient;
  readonly #mapping: AnyRestMapping;
  readonly #finder: Finder;
  readonly #person: PersonReader;
  readonly #records: RecordReader;

  constructor(
    client: RestClient,
    mapping: AnyRestMapping,
    finder: Finder,
    person: PersonReader,
    records: RecordReader,
  ) {
    this.#client = client;
    this.#mapping = mapping;
    this.#finder = finder;
    this.#person = person;
    this.#records = records;
  }

  async rectify(key: string, { field, from, to }: Correction, options: WriteOptions): Promise<WriteOutcome> {
    const { writes, person, nullAs = [] } = this.#mapping;
    const [writing, path] = [memberOf(writes?.fields, field), memberOf(person.fields, field)];
    const text = writing ? writtenAs(writing, to) : null;
    if (!writing || !path || text === null) return refused;
    const read = memberReader(path, nullAs as Nulls);
    const current = (record: unknown) => {
      const value = read(record);
      return value === null ? null : String(value);
    };
    return this.#change(
      {
        key,
        done: (record) => says(writing, current(record), to),
        conflict: (record) => current(record) !== from,
        refuses: () => false,
        call: writing.call,
        body: () => writing.call.body?.(text),
      },
      options,
    );
  }

  restrict(key: string, restricted: boolean, options: WriteOptions): Promise<WriteOutcome> {
    return this.#turn(this.#mapping.writes?.restriction, key, restricted, options);
  }

  suppress(key: string, suppressed: boolean, options: WriteOptions): Promise<WriteOutcome> {
    return this.#turn(this.#mapping.writes?.suppression, key, suppressed, options);
  }

  /** Oldest first. */
  async withdrawals(since: Date | null, signal: AbortSignal): Promise<readonly Withdrawal[]> {
    const { withdrawals, suppression } = this.#mapping.writes ?? {};
    if (!withdrawals || !suppression) return [];
    const moment = (since ?? new Date(0)).toISOString();
    const records = await this.#finder.matching((quoted) => withdrawals.since(quoted), moment, signal);
    // Nobody is left out for lack of rights: what shows too little does not show the canary either.
    await this.#finder.canary(signal);
    return records
      .filter((record) => suppression.isOn(record))
      .map((record) => ({
        identifiers: this.#person.identifiers(record),
        at: new Date(withdrawals.at(record) ?? Number.NaN),
      }))
      .map((withdrawal) => {
        if (Number.isNaN(withdrawal.at.getTime())) throw new SourceFailure("MALFORMED_ANSWER");
        return withdrawal;
      })
      .filter(({ at: noted }) => since === null || noted >= since)
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  }

  async #turn(
    turned: Switch | undefined,
    key: string,
    on: boolean,
    options: WriteOptions,
  ): Promise<WriteOutcome> {
    if (!turned) return refused;
    const call = on ? turned.on : turned.off;
    const change: Change = {
      key,
      done: (record) => turned.isOn(record) === on,
      conflict: () => false,
      refuses: (record) => !on && (turned.staysOn?.(record) ?? false),
      call,
      body: (record) => call.body?.(record),
    };
    return this.#change(change, options);
  }

  async #change(change: Change, { signal, idempotencyKey }: WriteOptions): Promise<WriteOutcome> {
    const before = await this.#records.read(change.key, signal);
    if (before === nothing) return this.#absent(signal);
    if (change.done(before)) return { state: "done" };
    if (change.refuses(before)) return refused;
    if (change.conflict(before)) return { state: "conflict" };
    const header = this.#mapping.writes?.idempotencyHeader;
    const sent = await this.#client.send(
      {
        method: change.call.method,
        url: this.#client.url(withKey(change.call.path, change.key), {}),
        body: change.body(before),
        ...(header !== undefined && { headers: { [header]: idempotencyKey } }),
      },
      signal,
    );
    if (sent === "refused") return refused;
    const after = await this.#records.read(change.key, signal);
    if (after === nothing) return this.#absent(signal);
    // A system that says yes and does nothing.
    if (!change.done(after)) throw new SourceFailure("FAILED");
    return { state: "done" };
  }

  async #absent(signal: AbortSignal): Promise<WriteOutcome> {
    await this.#records.canary(signal);
    return { state: "absent" };
  }
}
