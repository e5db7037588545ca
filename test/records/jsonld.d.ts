/** What is used of it; the library has no types of its own. */
declare module "jsonld" {
  interface Options {
    readonly documentLoader: (url: string) => Promise<never>;
    /** What would be left out silently is refused. */
    readonly safe: boolean;
  }
  const jsonld: { expand(document: object, options: Options): Promise<readonly unknown[]> };
  export default jsonld;
}
