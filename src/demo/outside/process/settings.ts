/** What the process that plays the world outside the organisation is started with. */
export interface OutsideSettings {
  /** Of the mailbox's page, the partner's API and `/admin`; 0: any free one. */
  readonly port: number;
  /** Bearer token of the partner's API. */
  readonly partnerToken: string;
  /** What the mail server asks for. */
  readonly mailUser: { readonly user: string; readonly password: string };
  /** Bearer token of `/admin`. */
  readonly adminToken: string;
}

/** What can be switched off. */
export type OutsidePart = "partner" | "mail";
