/** Nothing by that id that the caller may see. */
export class NotFound extends Error {
  override readonly name = "NotFound";
}
