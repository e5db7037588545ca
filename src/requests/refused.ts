import type { RefusalAbout, RefusalReason } from "./refusals.ts";

/** A refusal as a resolver answers with it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly reason: RefusalReason;
  readonly about: RefusalAbout | undefined;
  constructor(reason: RefusalReason, about?: RefusalAbout) {
    super(reason);
    this.reason = reason;
    this.about = about;
  }
}
