/** How long a step waits for a source that cannot take it. Seconds. */
export interface Patience {
  readonly firstRetrySeconds: number;
  readonly longestRetrySeconds: number;
}

/**
 * When to try again after that many attempts: twice as long each time, spread by a fifth so that what failed together
 * does not come back together; never before the source said that it may be asked.
 */
export function nextAttempt(
  { firstRetrySeconds, longestRetrySeconds }: Patience,
  attempts: number,
  notBefore: Date | undefined,
  now: number = Date.now(),
): Date {
  const doubled = firstRetrySeconds * 2 ** Math.min(attempts - 1, 30);
  const wait = Math.min(doubled, longestRetrySeconds) * (0.9 + Math.random() * 0.2);
  return new Date(Math.max(now + wait * 1_000, notBefore?.getTime() ?? 0));
}
