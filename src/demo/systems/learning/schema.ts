/** A learning platform in Moodle's manner: prefixed tables, moments as epoch seconds in the older ones. */
export const tables = `
CREATE TABLE mdl_user (
  id bigint PRIMARY KEY,
  username text NOT NULL,
  password text NOT NULL,
  idnumber text,
  firstname text NOT NULL,
  lastname text NOT NULL,
  email text NOT NULL,
  phone1 text,
  title text,
  institution text,
  lang text NOT NULL DEFAULT 'nb',
  deleted smallint NOT NULL DEFAULT 0,
  suspended smallint NOT NULL DEFAULT 0,
  timecreated bigint NOT NULL,
  lastlogin bigint NOT NULL DEFAULT 0,
  timemodified bigint NOT NULL
);
CREATE TABLE mdl_course (
  id bigint PRIMARY KEY,
  fullname text NOT NULL
);
CREATE TABLE mdl_course_completions (
  id bigint PRIMARY KEY,
  userid bigint NOT NULL,
  course bigint NOT NULL,
  level text NOT NULL,
  state text NOT NULL,
  grade numeric(5,2),
  timecompleted bigint
);
CREATE TABLE mdl_feedback_value (
  id bigint PRIMARY KEY,
  userid bigint NOT NULL,
  feedback text NOT NULL,
  item text NOT NULL,
  value text,
  timemodified bigint NOT NULL
);
CREATE TABLE mdl_session_trace (
  id bigint PRIMARY KEY,
  userid bigint NOT NULL,
  "startedAt" timestamptz NOT NULL,
  "userAgent" text,
  ip inet,
  "responseMs" integer
);`;

export const constraints = `
CREATE UNIQUE INDEX mdl_user_username ON mdl_user (username);
CREATE INDEX mdl_user_email ON mdl_user (lower(email));
CREATE INDEX mdl_user_idnumber ON mdl_user (idnumber);
ALTER TABLE mdl_course_completions ADD FOREIGN KEY (userid) REFERENCES mdl_user, ADD FOREIGN KEY (course) REFERENCES mdl_course;
ALTER TABLE mdl_feedback_value ADD FOREIGN KEY (userid) REFERENCES mdl_user;
ALTER TABLE mdl_session_trace ADD FOREIGN KEY (userid) REFERENCES mdl_user;
CREATE INDEX mdl_completions_user ON mdl_course_completions (userid, timecompleted DESC NULLS LAST, id DESC);
CREATE INDEX mdl_feedback_user ON mdl_feedback_value (userid, timemodified DESC, id DESC);
CREATE INDEX mdl_session_user ON mdl_session_trace (userid, "startedAt" DESC, id DESC);`;
