import { Migration } from "@mikro-orm/migrations";

/** One-time codes to addresses that sources hold, by which whoever asks shows who they are (GDPR Art. 12(6)). */
export class IdentityCodes extends Migration {
  override name = "20261129-identity-codes";

  override up(): void {
    this.addSql(`create table identity_code (
      id uuid primary key,
      request_id uuid not null references request (id),
      source text not null,
      code_hash varchar(64) not null,
      sealed_address bytea,
      made_at timestamptz not null,
      expires_at timestamptz not null,
      tries integer not null default 0,
      ended_at timestamptz)`);
    this.addSql(`create index identity_code_request on identity_code (request_id, made_at)`);
    this.addSql(
      `create unique index identity_code_open on identity_code (request_id) where ended_at is null`,
    );
  }
}
