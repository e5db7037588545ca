import { randomBytes } from "node:crypto";

/** Uniform in [0, 1). */
export type Random = () => number;

/** Nobody can draw the same again. */
export const unrepeatable: Random = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

export const integerBelow = (random: Random, end: number): number => Math.floor(random() * end);

/** One of them, each as likely as its weight says. */
export function weighted<T>(random: Random, among: readonly (readonly [T, number])[]): T | undefined {
  const total = among.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [value, weight] of among) {
    left -= weight;
    if (left < 0) return value;
  }
  return among.at(-1)?.[0];
}
