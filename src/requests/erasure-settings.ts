/** How strongly, and how lately, somebody must have signed in for what cannot be undone. */
export interface StepUp {
  /** Accepted values of `acr` (OpenID Connect Core §2). */
  readonly acrValues: readonly string[];
  /** Seconds since `auth_time`. */
  readonly maxAgeSeconds: number;
}

/** How erasures are asked for. */
export interface ErasureSettings {
  readonly stepUp: StepUp;
  /** Between the request and its beginning, in which it can be taken back. */
  readonly graceSeconds: number;
  /** Whether the DPO decides before anything is done for what persons ask themselves. */
  readonly dpoDecides: boolean;
  /** For each source, when a plan is made. */
  readonly planMilliseconds: number;
}
