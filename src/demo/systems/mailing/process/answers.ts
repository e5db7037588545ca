import type { Manners } from "./manners.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
type Members = { readonly [member: string]: Json };

/** What other ids a second member could have. */
const OTHER_ID = 1_000_000;

/** The answer as a system in these manners would give it. */
export function changeAnswer(answer: unknown, manners: Manners): unknown {
  let changed = answer as Json;
  if (manners.get("empty-for-lack-of-rights") !== undefined) changed = changeResults(changed, () => []);
  const twice = manners.get("two-members");
  if (twice !== undefined)
    changed = changeResults(changed, (results) => withSecondMembers(results, twice["email"]));
  const missing = manners.get("missing-field");
  if (missing !== undefined)
    changed = changeRecords(changed, (record) => without(record, String(missing["field"])));
  if (manners.get("integer-ids-as-strings") !== undefined) {
    changed = deeply(changed, (value, name) =>
      name === "id" && typeof value === "number" ? String(value) : value,
    );
  }
  if (manners.get("null-as-false") !== undefined) changed = deeply(changed, (value) => value ?? false);
  return changed;
}

export function isEmptyAnswer(answer: unknown): boolean {
  const data = isMembers(answer) ? answer["data"] : undefined;
  const results = isMembers(data) ? data["results"] : data;
  return Array.isArray(results) && results.length === 0;
}

function changeResults(answer: Json, change: (results: readonly Json[]) => readonly Json[]): Json {
  const data = isMembers(answer) ? answer["data"] : undefined;
  if (!isMembers(answer) || !isMembers(data) || !Array.isArray(data["results"])) return answer;
  const results = change(data["results"]);
  const added = results.length - data["results"].length;
  const total = results.length === 0 ? 0 : Number(data["total"]) + added;
  return {
    ...answer,
    data: { ...data, results, ...("total" in data ? { total } : {}) },
  };
}

function changeRecords(answer: Json, change: (record: Members) => Members): Json {
  const data = isMembers(answer) ? answer["data"] : undefined;
  if (!isMembers(answer) || !isMembers(data)) return answer;
  if (!Array.isArray(data["results"])) return { ...answer, data: change(data) };
  return changeResults(answer, (results) =>
    results.map((record) => (isMembers(record) ? change(record) : record)),
  );
}

function withSecondMembers(results: readonly Json[], email: Json | undefined): readonly Json[] {
  return results.flatMap((record) => {
    if (!isMembers(record) || typeof record["email"] !== "string" || typeof record["id"] !== "number")
      return [record];
    if (email !== "" && record["email"] !== email) return [record];
    return [
      record,
      {
        ...record,
        id: record["id"] + OTHER_ID,
        email: record["email"].toUpperCase(),
      },
    ];
  });
}

function without(record: Members, field: string): Members {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== field));
}

function deeply(value: Json, change: (value: Json, name: string) => Json, name = ""): Json {
  if (Array.isArray(value)) return value.map((item: Json) => deeply(item, change));
  if (!isMembers(value)) return change(value, name);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deeply(item, change, key)]));
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
