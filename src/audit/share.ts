/** For heavy work: whoever asks while it is done gets the same answer, rather than having it done twice. */
export function sharing<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return () => (running ??= work().finally(() => (running = null)));
}
