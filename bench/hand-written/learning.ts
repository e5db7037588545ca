import type pg from "pg";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { fromEpoch, only, page, prepared, text } from "./rows.ts";

export function learningReads(pool: pg.Pool) {
  const rows = prepared(pool);
  return async (email: string, first: number) => {
    const found = await rows(
      "mdl_user",
      `select id, username, email, firstname, lastname, phone1, title, institution, timecreated, lastlogin, idnumber,
         lang, deleted, suspended from mdl_user where lower(email) in ($1, $2) limit 1001`,
      [email, canaryEmail],
    );
    const own = only(found, email, "email");
    const bound = [own["id"], first + 1];
    const [courses, answers, sessions] = await Promise.all([
      rows(
        "mdl_course_completions",
        `select c.id, course.fullname, c.level, c.state, c.grade, c.timecompleted from mdl_course_completions c
         left join mdl_course course on course.id = c.course where c.userid = $1
         order by c.timecompleted desc nulls last, c.id desc limit $2`,
        bound,
      ),
      rows(
        "mdl_feedback_value",
        `select id, feedback, item, value, timemodified from mdl_feedback_value where userid = $1
         order by timemodified desc, id desc limit $2`,
        bound,
      ),
      rows(
        "mdl_session_trace",
        `select id, "startedAt", "userAgent", ip, "responseMs" from mdl_session_trace where userid = $1
         order by "startedAt" desc, id desc limit $2`,
        bound,
      ),
    ]);
    return {
      username: own["username"],
      email: own["email"],
      name: [own["firstname"], own["lastname"]].filter(Boolean).join(" "),
      phone: own["phone1"],
      jobTitle: own["title"],
      organisation: own["institution"],
      createdAt: fromEpoch(own["timecreated"]),
      lastLoginAt: fromEpoch(own["lastlogin"]),
      courses: page(courses, first, ["timecompleted", "id"], (c) => ({
        course: c["fullname"],
        level: c["level"],
        status: c["state"],
        score: c["grade"] === null ? null : Number(c["grade"]),
        completedAt: fromEpoch(c["timecompleted"]),
      })),
      surveyAnswers: page(answers, first, ["timemodified", "id"], (a) => ({
        survey: a["feedback"],
        question: a["item"],
        answer: a["value"],
        answeredAt: fromEpoch(a["timemodified"]),
      })),
      sessions: page(sessions, first, ["startedAt", "id"], (s) => ({
        startedAt: s["startedAt"],
        browser: s["userAgent"],
        ipAddress: s["ip"],
        responseTimeMs: s["responseMs"],
      })),
      other: [
        { name: "Kundenummer", value: text(own["idnumber"]), category: "IDENTITY" },
        { name: "Språk", value: text(own["lang"]), category: "TECHNICAL" },
        { name: "Slettet konto", value: text(own["deleted"]), category: "TECHNICAL" },
        { name: "Sperret konto", value: text(own["suspended"]), category: "TECHNICAL" },
      ],
    };
  };
}
