/** A request that changes a record. `{key}` in the path is the record's key. */
export interface Call<Given> {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** Sent as JSON; absent: no body. */
  readonly body?: (given: Given) => unknown;
}
