/** Does one piece of work after the other, in the order in which they came. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function createInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}
