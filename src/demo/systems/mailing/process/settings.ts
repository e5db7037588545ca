/** What the e-mail tool's process is started with. */
export interface MailingSettings {
  readonly databaseUrl: string;
  /** 0: any free one. */
  readonly port: number;
  /** The API user, for both of listmonk's schemes. */
  readonly credentials: { readonly user: string; readonly token: string };
  /** Bearer token of `/admin`. */
  readonly adminToken: string;
  /** How long an erasure runs, in milliseconds. */
  readonly erasureMs: number;
}
