import DataLoader from "dataloader";

/** Keys in one statement, so that none grows without end. */
const mostKeys = 500;

/**
 * Asks for what many requests want at the same time in one statement: what comes while one is under way goes together
 * in the next. Nothing is kept, so that no request is answered from what another saw earlier.
 */
export function together<K, V>(ask: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  let underWay: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<K, V>(
    (keys) => {
      const answer = ask(keys);
      underWay = answer.catch(() => undefined);
      return answer;
    },
    {
      cache: false,
      maxBatchSize: mostKeys,
      // What other connections have just been answered may want the same.
      batchScheduleFn: (dispatch) => void underWay.then(() => setImmediate(dispatch)),
    },
  );
  return (key) => loader.load(key);
}
