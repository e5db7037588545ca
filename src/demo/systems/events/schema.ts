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
  "AttendeeId" uuid NOT NULL,
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
);`;

export const constraints = `
CREATE INDEX "IX_Attendee_Email" ON "Attendee" (lower("Email"));
ALTER TABLE "Registration" ADD FOREIGN KEY ("AttendeeId") REFERENCES "Attendee", ADD FOREIGN KEY ("EventId") REFERENCES "Event";
ALTER TABLE "CompetitionEntry" ADD FOREIGN KEY ("AttendeeId") REFERENCES "Attendee";
CREATE INDEX "IX_Registration_Attendee" ON "Registration" ("AttendeeId", "RegisteredAt" DESC, "Id" DESC);
CREATE INDEX "IX_Registration_Event" ON "Registration" ("EventId");
CREATE INDEX "IX_CompetitionEntry_Attendee" ON "CompetitionEntry" ("AttendeeId", "Id");`;
