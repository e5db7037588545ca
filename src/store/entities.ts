import { defineEntity, p } from "@mikro-orm/core";

/** A person, by the gateway's own pseudonymous name. Nothing of the person is in it. */
export const SubjectEntity = defineEntity({
  name: "Subject",
  tableName: "subject",
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().columnType("timestamptz"),
  },
});

/** How a person signs in: keyed hash of the issuer's name for them, so that a changed address changes nothing. */
export const SignInEntity = defineEntity({
  name: "SignIn",
  tableName: "sign_in",
  properties: {
    hash: p.string().length(64).primary(),
    subjectId: p.uuid(),
  },
});

/** One look, or one refused attempt: coordinates, never values. */
export const AuditEntryEntity = defineEntity({
  name: "AuditEntry",
  tableName: "audit_entry",
  properties: {
    sequence: p.bigint().primary().autoincrement(),
    id: p.uuid().unique(),
    at: p.datetime().columnType("timestamptz"),
    event: p.string().columnType("text"),
    actorRole: p.string().columnType("text").nullable(),
    actorRef: p.string().columnType("text").nullable(),
    sealedActorName: p.blob().columnType("bytea").nullable(),
    subjectRef: p.string().columnType("text").nullable(),
    purpose: p.string().columnType("text").nullable(),
    requestId: p.string().columnType("text"),
    coordinates: p.array().columnType("text[]"),
    categories: p.array().columnType("text[]"),
    sources: p.array().columnType("text[]"),
    detail: p.string().columnType("text").nullable(),
    mac: p.blob().columnType("bytea"),
  },
});

export const entities = [SubjectEntity, SignInEntity, AuditEntryEntity];
