import { z } from "zod";
import { IdentifierKind, Role } from "../access/vocabulary.ts";
import { signatureAlgorithms, type AuthenticationSettings } from "../http/authentication.ts";
import { isProtected } from "./protected.ts";

const claim = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const issuer = z
  .url({ error: "identity.issuer: give the issuer's address, as in its tokens' `iss`", abort: true })
  .refine((address) => isProtected(new URL(address)), {
    error: "identity.issuer: use https; http is for an issuer on this machine alone",
  });

const identifier = z.strictObject({
  kind: z.enum(IdentifierKind),
  claim,
  verifiedBy: z.union([
    z.literal("issuer"),
    z.strictObject({ claim, equals: z.union([scalar, z.array(scalar).min(1)]).default(true) }),
  ]),
});

/** Whose tokens are accepted, and how their claims become roles and verified identifiers. */
export const identitySchema = z.strictObject({
  issuer,
  /** What `sub` is unique with. To be set where the issuer has moved to another address and kept its `sub`s. */
  accountNamespace: z.string().min(1).optional(),
  audience: z
    .union([claim, z.array(claim).min(1)])
    .transform((audience) => [audience].flat())
    .default(["innsyn"]),
  algorithms: z
    .array(
      z.enum(signatureAlgorithms, {
        error: `identity.algorithms: only asymmetric signatures are accepted: ${signatureAlgorithms.join(", ")}`,
      }),
    )
    .min(1)
    .default(["RS256", "PS256", "ES256"]),
  clockToleranceSeconds: z.number().min(0).max(60).default(5),
  tokenType: z.string().min(1).optional(),
  keyRefreshSeconds: z.number().min(0).max(300).default(5),
  roles: z.strictObject({
    claim,
    map: z.record(z.string(), z.enum(Role)),
    // A staff role is given by name, never to whoever has none.
    default: z
      .array(z.literal(Role.SUBJECT, { error: "identity.roles.default: only SUBJECT can be a default role" }))
      .default([Role.SUBJECT]),
  }),
  identifiers: z.array(identifier).min(1, {
    error: "identity.identifiers: name at least one claim that holds a verified identifier",
  }),
  name: claim.default("name"),
  authenticatedAt: claim.default("auth_time"),
  authenticationContext: claim.default("acr"),
}) satisfies z.ZodType<AuthenticationSettings>;

export type IdentityConfig = z.input<typeof identitySchema>;
