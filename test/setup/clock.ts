import type { Gateway } from "./gateway.ts";

/** Puts the clock that deadlines are counted by at a moment, from which it goes on; null: at what it is. */
export async function setClock({ rows }: Pick<Gateway, "rows">, at: Date | null): Promise<void> {
  const now = "clock_timestamp()";
  const shifted =
    at === null
      ? now
      : `${now} + (timestamptz ''${at.toISOString()}'' - timestamptz ''${new Date().toISOString()}'')`;
  await rows(
    `create or replace function gateway_now() returns timestamptz language sql volatile as 'select ${shifted}'`,
  );
}
