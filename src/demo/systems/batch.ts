import pg from "pg";

/** Rows waiting to be written, by table. Members are named as the columns. */
export class Batch {
  readonly #rows = new Map<string, object[]>();

  add(table: string, row: object): void {
    const rows = this.#rows.get(table);
    if (rows === undefined) this.#rows.set(table, [row]);
    else rows.push(row);
  }

  /** Writes all rows, one statement per table, and starts afresh. Every row of a table has the same members. */
  async write(client: pg.Client): Promise<void> {
    for (const [table, rows] of this.#rows) {
      const [first] = rows;
      if (first === undefined) continue;
      const name = pg.escapeIdentifier(table);
      const columns = Object.keys(first).map(pg.escapeIdentifier).join(", ");
      await client.query(
        `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1)`,
        [JSON.stringify(rows)],
      );
    }
    this.#rows.clear();
  }
}
