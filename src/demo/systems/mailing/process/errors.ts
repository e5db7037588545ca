/** Answered as listmonk does: a status and `{"message": …}`. */
export class MailingError extends Error {
  override readonly name = "MailingError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** listmonk says 400, not 404, of an id that is not there. */
export const noSubscriber = (): MailingError => new MailingError(400, "Subscriber not found");
