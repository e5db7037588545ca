/**
 * A module of the gateway as `npm start` runs it: decorators have to be compiled, so the benchmark's own files, which
 * Node runs as they are, cannot import them from src/.
 */
export function built<Module>(path: string): Promise<Module> {
  return import(new URL(`../dist/${path}.js`, import.meta.url).href) as Promise<Module>;
}
