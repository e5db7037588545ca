import type { Identifier, OtherDatum, SourceRecord } from "../../sources/contract.ts";
import { normaliseStored } from "../../subjects/identifiers.ts";
import type { CollectionFields } from "../mapping.ts";
import type { Candidate } from "../match.ts";
import { at, textAt } from "./json.ts";
import type { EmbeddedList, JsonPath, RestMapping } from "./mapping.ts";
import { listReader, memberReader, type Nulls, rowReader } from "./rows.ts";

/** A mapping whose names the compiler no longer knows. */
export type AnyRestMapping = RestMapping<string, CollectionFields>;

/** Reads the record of a person out of the API's JSON: worked out once. */
export class PersonReader {
  readonly #person: AnyRestMapping["person"];
  readonly #nulls: Nulls;
  readonly #fields;
  readonly #other;
  readonly #updatedAt;
  readonly #lists;
  readonly #members: ReadonlySet<string>;

  constructor({ person, collections, nullAs = [] }: AnyRestMapping) {
    this.#person = person;
    this.#nulls = nullAs;
    this.#fields = rowReader(person.fields, nullAs);
    this.#other = (person.other ?? []).map((datum) => ({ ...datum, read: memberReader(datum.path, nullAs) }));
    this.#updatedAt =
      person.updatedAt === undefined ? undefined : memberReader(asMoment(person.updatedAt), nullAs);
    this.#lists = embeddedLists(collections).map(([name, { embedded, fields }]) => ({
      name,
      read: listReader({ path: embedded, fields }, nullAs),
    }));
    this.#members = new Set(mentioned(person, collections).map((path) => path.split(".", 1)[0] ?? path));
  }

  key(from: unknown): string {
    return textAt(from, this.#person.key);
  }

  candidate(from: unknown): Candidate {
    const key = this.key(from);
    return {
      key,
      identifiers: this.#person.identifiers.flatMap(({ kind, path }) => {
        const value = at(from, path);
        const stored = typeof value === "number" ? String(value) : value;
        return typeof stored === "string" && !this.#nulls.some((n) => n === stored)
          ? [{ kind, value: stored }]
          : [];
      }),
      whole: () => this.#whole(from),
      record: () => this.record(from),
    };
  }

  /** Everything that the mapping calls an identifier, normalised. */
  identifiers(from: unknown): Identifier[] {
    return this.candidate(from).identifiers.flatMap(({ kind, value }) => {
      const normal = normaliseStored(kind, value);
      return normal === null ? [] : [{ kind, value: normal }];
    });
  }

  record(from: unknown): Omit<SourceRecord, "identifiers"> {
    const updatedAt = this.#updatedAt?.(from);
    return {
      key: this.key(from),
      fields: this.#fields(from),
      other: this.#other.map(({ name, category, read }): OtherDatum => {
        const value = read(from);
        return { name, category, value: value === null ? null : String(value) };
      }),
      ...(updatedAt !== undefined && { updatedAt: updatedAt === null ? null : String(updatedAt) }),
      lists: Object.fromEntries(this.#lists.map(({ name, read }) => [name, read(from)])),
    };
  }

  /** Members of the record that the mapping says nothing of. */
  unmapped(from: unknown): string[] {
    return Object.keys(from ?? {}).filter((member) => !this.#members.has(member));
  }

  #whole(from: unknown): boolean {
    try {
      const { fields, other, lists = {} } = this.record(from);
      const mapped = Object.entries(this.#person.fields).filter(([, path]) => path !== null);
      return (
        mapped.every(([name]) => fields[name] !== null) &&
        other.every(({ value }) => value !== null) &&
        Object.values(lists).every((list) => list.length > 0)
      );
    } catch {
      // A member is missing: the credentials see too little of the record.
      return false;
    }
  }
}

const asMoment = (path: JsonPath): JsonPath => (typeof path === "string" ? { path, as: "moment" } : path);

type AnyCollection = AnyRestMapping["collections"][string];

/** Lists inside the person's record; those of a nested collection are inside the rows of its page. */
export function embeddedLists(
  collections: Readonly<Record<string, AnyCollection>>,
): [string, EmbeddedList<string>][] {
  return Object.entries(collections).flatMap(([name, collection]) =>
    "embedded" in collection && !name.includes(".") ? [[name, collection]] : [],
  );
}

function mentioned(person: AnyRestMapping["person"], collections: AnyRestMapping["collections"]): string[] {
  const pathOf = (path: JsonPath | null) =>
    path === null ? [] : [typeof path === "string" ? path : path.path];
  return [
    person.key,
    ...person.identifiers.map(({ path }) => path),
    ...Object.values(person.fields).flatMap(pathOf),
    ...(person.other ?? []).flatMap(({ path }) => pathOf(path)),
    ...Object.keys(person.notPersonal ?? {}),
    ...pathOf(person.updatedAt ?? null),
    ...embeddedLists(collections).map(([, { embedded }]) => embedded),
  ];
}
