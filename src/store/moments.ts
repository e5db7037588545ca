import pg from "pg";

/** `timestamptz` of the gateway's own tables as `Date`, to the millisecond; MikroORM leaves it as text. */
export function readMoments(pool: pg.Pool): void {
  const { TIMESTAMPTZ } = pg.types.builtins;
  const parse = pg.types.getTypeParser(TIMESTAMPTZ);
  pool.on("connect", (client) => client.setTypeParser(TIMESTAMPTZ, parse));
}
