import { acceptRelationship, type NewRelationship } from "./accept-relationship.ts";
import type { IdentityParts } from "./changed-identity.ts";
import { type Changing, changeRequest } from "./change-request.ts";
import { confirmByCode, notConfirmed, type TypedCode } from "./confirm-by-code.ts";
import type { Along, Asked, Asker, Opened } from "./desk.ts";
import { openRequest } from "./desk.ts";
import type { ErasureSettings } from "./erasure-settings.ts";
import type { PlannedSources } from "./erasure-plan.ts";
import { type Link, linkOf } from "./downloads.ts";
import type { ExportSettings } from "./export-work.ts";
import { followRequest } from "./follow.ts";
import type { IdentityCodes } from "./identity-codes.ts";
import { type KnownRequests, knownRequests } from "./known.ts";
import type { Viewer } from "../sources/data-subject.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import type { SigningKey } from "../store/signing-key.ts";
import { dbOf } from "../store/tables.ts";
import { type Recording, recording } from "./recorded.ts";
import type { RetentionReviews } from "./retention-review.ts";
import type { RequestRow } from "./rows.ts";
import type { Service } from "./service.ts";
import type { Shown } from "./shown.ts";

/** Requests as one operation reads and makes them. */
export interface RequestsOfCaller extends KnownRequests, IdentityParts {
  readonly receiptKey: SigningKey;
  readonly retention: RetentionReviews;
  readonly erasable: ReadonlyMap<string, ErasableSource>;
  readonly erasure: ErasureSettings;
  /** What has been shown of erasures. */
  readonly planned: PlannedSources;
  readonly exports: ExportSettings;
  readonly shown: Shown;
  /** As `linkOf`. */
  download(row: RequestRow, viewer: Viewer): Promise<Link | null>;
  readonly identityCodes: IdentityCodes;
  /** Keyed hash of what is asked for, as in `Asked.digest`. */
  digest(asked: unknown): string;
  /** After which what waits still is shown to staff. */
  readonly attempts: number;
  /** As `recording`. */
  readonly recorded: Recording;
  open(asked: Asked, along?: Along): Promise<Opened>;
  change(changing: Changing): Promise<RequestRow>;
  /** As the function of that name. */
  acceptRelationship(relationship: NewRelationship): Promise<boolean>;
  /** As the function of that name. */
  confirmByCode(typed: TypedCode, by: Asker): Promise<RequestRow | null>;
  /** Records it, with whom it was tried by. */
  notConfirmedBySignIn(by: Asker): Promise<void>;
  /** Waits a moment for the steps that can be done at once; resolves with the request as it is then. */
  settled(id: string): Promise<RequestRow>;
  /** As `followRequest`. */
  follow(id: string, closed: AbortSignal): AsyncIterable<undefined>;
}

/** Made per operation. */
export function requestsOfCaller({
  parts,
  settled,
  newReader,
  receiptKey,
  retention,
  progress,
  erasable,
  erasure,
  exports,
  identityCodes,
  shown,
}: Service): RequestsOfCaller {
  const { register } = parts;
  const known = knownRequests(register);
  const hash = register.keyring.hash("request");
  const planned: PlannedSources = new Map();
  return {
    ...known,
    register,
    newReader,
    receiptKey,
    retention,
    erasable,
    erasure,
    exports,
    shown,
    planned,
    download: (row, viewer) => linkOf(dbOf(register.store), register, row, viewer),
    identityCodes,
    digest: (asked) => hash(JSON.stringify(asked)),
    attempts: parts.attempts,
    recorded: recording(parts),
    open: (asked, along) => openRequest(parts, asked, along),
    change: (changing) => changeRequest(parts, changing),
    acceptRelationship: (relationship) => acceptRelationship(parts, relationship),
    confirmByCode: (typed, by) => confirmByCode(parts, identityCodes.settings, typed, by),
    notConfirmedBySignIn: (by) => notConfirmed(parts, by, "SIGN_IN"),
    async settled(id) {
      await settled(id);
      known.forget();
      planned.clear();
      const row = await known.byId(id);
      if (!row) throw new Error("a request that was just made is gone");
      return row;
    },
    follow: (id, closed) => followRequest({ progress, db: dbOf(register.store) }, id, closed),
  };
}
