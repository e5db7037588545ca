/** An e-mail to a person. */
export interface Message {
  /** The same message sent twice has one id, by which mail servers and readers know it as one. */
  readonly id: string;
  /** One address, without a name. */
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

/** Sends e-mails to persons. */
export interface Mailer {
  /** False: none is configured, and whoever is to be told must be told otherwise. */
  readonly reachable: boolean;
  /** Resolves when the mail server has taken the message. Rejects with `SourceFailure`. */
  send(message: Message, options: { readonly signal: AbortSignal }): Promise<void>;
  close(): Promise<void>;
}
