import type pg from "pg";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { only, page, prepared, text } from "./rows.ts";

export function eventsReads(pool: pg.Pool) {
  const rows = prepared(pool);
  return async (email: string, first: number) => {
    const found = await rows(
      "Attendee",
      `select "Id", "FullName", "Email", "Phone", "MarketingNote", "CreatedAt" from "Attendee"
       where lower("Email") in ($1, $2) limit 1001`,
      [email, canaryEmail],
    );
    const own = only(found, email, "Email");
    const [registrations, entries] = await Promise.all([
      rows(
        "Registration",
        `select r."Id", e."Title", e."StartsAt", r."RegisteredAt", r."Status", r."Attended", r."Name", r."Email",
           r."Phone", r."DietaryNeeds", r."AccessNeeds", r."Note"
         from "Registration" r left join "Event" e on e."Id" = r."EventId" where r."AttendeeId" = $1
         order by r."RegisteredAt" desc, r."Id" desc limit $2`,
        [own["Id"], first + 1],
      ),
      rows(
        "CompetitionEntry",
        `select "Competition", "EnteredAt", "Answer", "Won" from "CompetitionEntry" where "AttendeeId" = $1 order by "Id"`,
        [own["Id"]],
      ),
    ]);
    return {
      name: own["FullName"],
      email: own["Email"],
      phone: own["Phone"],
      registrations: page(registrations, first, ["RegisteredAt", "Id"], (r) => ({
        event: r["Title"],
        startsAt: r["StartsAt"],
        registeredAt: r["RegisteredAt"],
        status: r["Status"],
        attended: r["Attended"],
        name: r["Name"],
        email: r["Email"],
        phone: r["Phone"],
        dietaryNeeds: r["DietaryNeeds"],
        accessNeeds: r["AccessNeeds"],
        note: r["Note"],
      })),
      competitionEntries: entries.map((e) => ({
        competition: e["Competition"],
        enteredAt: e["EnteredAt"],
        answer: e["Answer"],
        won: e["Won"],
      })),
      other: [
        { name: "Notat", value: text(own["MarketingNote"]), category: "EVENT_PARTICIPATION" },
        { name: "Opprettet", value: text(own["CreatedAt"]), category: "EVENT_PARTICIPATION" },
      ],
    };
  };
}
