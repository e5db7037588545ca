/** An event system in the manner of an object mapper: UUID keys, quoted names in CamelCase. */
export const tables = `
CREATE TABLE "Attendee" (
  "Id" uuid PRIMARY KEY,
  "FullName" text NOT NULL,
  "Email" text NOT NULL,
  "Phone" text,
  "MarketingNote" text,
  "CreatedAt" timestamptz NOT NULL,
  "UpdatedAt" timestamptz NOT NULL
);
CREATE TABLE "Event" (
  "Id" uuid PRIMARY KEY,
  "Title" text NOT NULL,
  "Venue" text NOT NULL,
  "StartsAt" timestamptz NOT NULL
);
CREATE TABLE "Registration" (
  "Id" uuid PRIMARY KEY,
  "AttendeeId" uuid,
  "EventId" uuid NOT NULL,
  "RegisteredAt" timestamptz NOT NULL,
  "Status" text NOT NULL,
  "Attended" boolean,
  "Name" text NOT NULL,
  "Email" text NOT NULL,
  "Phone" text,
  "DietaryNeeds" text,
  "AccessNeeds" text,
  "Note" text
);
CREATE TABLE "CompetitionEntry" (
  "Id" uuid PRIMARY KEY,
  "AttendeeId" uuid NOT NULL,
  "Competition" text NOT NULL,
  "EnteredAt" timestamptz NOT NULL,
  "Answer" text,
  "Won" boolean NOT NULL DEFAULT false
);
CREATE TABLE "AuditLog" (
  "Id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "Entity" text NOT NULL,
  "AttendeeId" uuid,
  "Action" text NOT NULL,
  "Changes" jsonb NOT NULL,
  "At" timestamptz NOT NULL DEFAULT now()
);`;

/** Whatever is changed or deleted is written down as it was, the deletion of a registration with what the person eats. */
const audit = `
CREATE FUNCTION "AuditAttendee"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "AuditLog" ("Entity", "AttendeeId", "Action", "Changes")
  VALUES (TG_TABLE_NAME, OLD."Id", initcap(TG_OP), to_jsonb(OLD) - 'UpdatedAt');
  RETURN NULL;
END $$;
CREATE TRIGGER "TR_Attendee_Audit" AFTER UPDATE OR DELETE ON "Attendee" FOR EACH ROW EXECUTE FUNCTION "AuditAttendee"();
CREATE FUNCTION "AuditRegistration"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "AuditLog" ("Entity", "AttendeeId", "Action", "Changes")
  VALUES (TG_TABLE_NAME, OLD."AttendeeId", initcap(TG_OP), to_jsonb(OLD));
  RETURN NULL;
END $$;
CREATE TRIGGER "TR_Registration_Audit" AFTER UPDATE OR DELETE ON "Registration" FOR EACH ROW EXECUTE FUNCTION "AuditRegistration"();
CREATE INDEX "IX_AuditLog_Attendee" ON "AuditLog" ("AttendeeId");`;

export const constraints = `
CREATE INDEX "IX_Attendee_Email" ON "Attendee" (lower("Email"));
ALTER TABLE "Registration" ADD FOREIGN KEY ("AttendeeId") REFERENCES "Attendee" ON DELETE SET NULL, ADD FOREIGN KEY ("EventId") REFERENCES "Event";
ALTER TABLE "CompetitionEntry" ADD FOREIGN KEY ("AttendeeId") REFERENCES "Attendee";
CREATE INDEX "IX_Registration_Attendee" ON "Registration" ("AttendeeId", "RegisteredAt" DESC, "Id" DESC);
CREATE INDEX "IX_Registration_Event" ON "Registration" ("EventId");
CREATE INDEX "IX_CompetitionEntry_Attendee" ON "CompetitionEntry" ("AttendeeId", "Id");
${audit}`;
