/** Thrown in a transaction, of which nothing stays: the person has said something else since it was looked into. */
export class SaidMeanwhile extends Error {
  override readonly name = "SaidMeanwhile";
}
