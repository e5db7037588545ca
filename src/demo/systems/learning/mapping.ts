import type { SqlMapping } from "../../../connectors/sql/mapping.ts";
import type { LearnerCollections, LearnerField } from "../../../sources/learning/records.ts";
import { canary, reference } from "../canary.ts";
import { administrator, guest, nobody } from "./schema.ts";
import { commonAnswers } from "./texts.ts";

/** What an account says that is nobody's any more. */
const emptied = {
  username: "slettet-{key}",
  password: "",
  idnumber: null,
  firstname: "",
  lastname: "",
  email: "",
  phone1: null,
  title: null,
  institution: null,
  lang: "nb",
  deleted: 1,
  suspended: 1,
  timecreated: { yearOf: "epochSeconds" },
  lastlogin: 0,
  timemodified: { yearOf: "epochSeconds" },
} as const;

export function learningMapping(url: string): SqlMapping<LearnerField, LearnerCollections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "mdl_user",
      key: "id",
      identifiers: [
        { kind: "EMAIL", column: "email", spellings: ["NFD"] },
        { kind: "USERNAME", column: "username" },
        { kind: "CUSTOMER_NUMBER", column: "idnumber" },
      ],
      fields: {
        username: "username",
        email: "email",
        name: { columns: ["firstname", "lastname"], separator: " " },
        phone: "phone1",
        jobTitle: "title",
        organisation: "institution",
        createdAt: { column: "timecreated", as: "epochSeconds" },
        lastLoginAt: { column: "lastlogin", as: "epochSeconds" },
      },
      other: [
        { name: "Kundenummer", column: "idnumber", category: "IDENTITY" },
        { name: "Språk", column: "lang", category: "TECHNICAL" },
        { name: "Slettet konto", column: "deleted", category: "TECHNICAL" },
        { name: "Sperret konto", column: "suspended", category: "TECHNICAL" },
      ],
      notPersonal: { password: "a credential: none ever enters the gateway" },
      updatedAt: { column: "timemodified", as: "epochSeconds" },
      writes: {
        // The lengths are Moodle's own.
        fields: {
          email: { kind: "EMAIL", maxLength: 100 },
          name: { kind: "TEXT" },
          phone: { kind: "PHONE", form: "NATIONAL", maxLength: 20 },
          jobTitle: { kind: "TEXT" },
          organisation: { kind: "TEXT", maxLength: 255 },
        },
        touched: [{ column: "timemodified", as: "epochSeconds" }],
      },
    },
    collections: {
      courses: {
        table: "mdl_course_completions",
        key: "id",
        parent: "userid",
        order: { column: "timecompleted", direction: "desc", nullable: true },
        joins: [{ table: "mdl_course", alias: "course", on: ["course", "id"] }],
        fields: {
          course: "course.fullname",
          level: "level",
          status: "state",
          score: { column: "grade", as: "number" },
          completedAt: { column: "timecompleted", as: "epochSeconds" },
        },
        notPersonal: { course: reference },
      },
      surveyAnswers: {
        table: "mdl_feedback_value",
        key: "id",
        parent: "userid",
        order: { column: "timemodified", direction: "desc" },
        fields: {
          survey: "feedback",
          question: "item",
          answer: "value",
          answeredAt: { column: "timemodified", as: "epochSeconds" },
        },
      },
      sessions: {
        table: "mdl_session_trace",
        key: "id",
        parent: "userid",
        order: { column: "startedAt", direction: "desc" },
        fields: {
          startedAt: { column: "startedAt", as: "moment" },
          browser: "userAgent",
          ipAddress: "ip",
          responseTimeMs: { column: "responseMs", as: "number" },
        },
      },
    },
    canary,
    erasures: {
      collections: {
        courses: {
          anonymise: {
            parent: guest,
            key: "NEGATIVE",
            overwrite: { grade: { nearest: 10 }, timecompleted: { yearOf: "epochSeconds" } },
            keeps: { course: "which course", level: "which level", state: "whether it was passed" },
          },
        },
        surveyAnswers: {
          anonymise: {
            parent: guest,
            key: "NEGATIVE",
            overwrite: {
              value: { oneOf: commonAnswers },
              timemodified: { yearOf: "epochSeconds" },
            },
            keeps: { feedback: "which survey", item: "which question" },
          },
        },
        sessions: {},
      },
      traces: [
        {
          table: "mdl_logstore_standard_log",
          key: "id",
          // Whoever failed to sign in is not known by key: the text says what they typed.
          named: [
            { column: "userid", by: "RECORD" },
            { column: "relateduserid", by: "RECORD" },
            { column: "other", by: "EMAIL", within: true },
          ],
          nobody: [nobody, guest, administrator],
        },
        {
          // Accounts that Moodle itself has deleted: it leaves the name, and the address in the user name.
          table: "mdl_user",
          key: "id",
          where: { deleted: 1, idnumber: "" },
          named: [{ column: "username", by: "EMAIL", within: true }],
          canary: "HAS_NOTHING",
          overwrite: emptied,
        },
      ],
      record: {
        // A deletion would leave the address in the user name.
        stays: {
          overwrite: emptied,
          keeps: {},
        },
      },
    },
  };
}
