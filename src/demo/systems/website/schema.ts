/** A website in the manner of its plug-ins: texts for keys, a table of fields for every form, a browser's settings in JSON. */
export const tables = `
CREATE TABLE web_contact (
  contact_key text PRIMARY KEY,
  email text NOT NULL,
  locale text,
  came_from text,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE web_contact_browser (
  link_key text PRIMARY KEY,
  contact_key text,
  visitor_id text NOT NULL,
  recognised_at timestamptz,
  recognised_by text
);
CREATE TABLE web_form (
  form_key text PRIMARY KEY,
  title text NOT NULL
);
CREATE TABLE web_submission (
  submission_key text PRIMARY KEY,
  contact_key text,
  form_key text NOT NULL,
  reply_to text,
  submitted_at timestamptz NOT NULL
);
CREATE TABLE web_submission_field (
  field_key text PRIMARY KEY,
  submission_key text NOT NULL,
  position integer NOT NULL,
  label text NOT NULL,
  value text
);
CREATE TABLE web_visit (
  visit_key text PRIMARY KEY,
  visitor_id text NOT NULL,
  started_at timestamptz NOT NULL,
  ip inet,
  device text,
  browser text,
  settings jsonb,
  country text,
  city text
);
CREATE TABLE web_mail_log (
  mail_key text PRIMARY KEY,
  contact_key text,
  sent_at timestamptz NOT NULL,
  sent_to text NOT NULL,
  body text NOT NULL
);
CREATE TABLE web_request_log (
  request_key text PRIMARY KEY,
  contact_key text,
  at timestamptz NOT NULL,
  ip inet,
  request text NOT NULL
);
CREATE TABLE web_contact_log (
  log_key text PRIMARY KEY DEFAULT gen_random_uuid()::text,
  contact_key text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  note text NOT NULL
);`;

/** Whose contact is changed or deleted is written down, with the address that they had. */
const log = `
CREATE FUNCTION web_log_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO web_contact_log (contact_key, note) VALUES (OLD.contact_key, lower(TG_OP) || ' contact ' || OLD.email);
  RETURN NULL;
END $$;
CREATE TRIGGER web_contact_logged AFTER UPDATE OF email OR DELETE ON web_contact FOR EACH ROW EXECUTE FUNCTION web_log_contact();
CREATE INDEX web_contact_log_contact ON web_contact_log (contact_key);`;

export const constraints = `
CREATE INDEX web_contact_email ON web_contact (lower(email));
ALTER TABLE web_contact_browser ADD FOREIGN KEY (contact_key) REFERENCES web_contact ON DELETE CASCADE;
ALTER TABLE web_submission ADD FOREIGN KEY (contact_key) REFERENCES web_contact ON DELETE SET NULL, ADD FOREIGN KEY (form_key) REFERENCES web_form;
ALTER TABLE web_submission_field ADD FOREIGN KEY (submission_key) REFERENCES web_submission ON DELETE CASCADE;
CREATE INDEX web_contact_browser_contact ON web_contact_browser (contact_key, link_key);
CREATE INDEX web_contact_browser_visitor ON web_contact_browser (visitor_id);
CREATE INDEX web_submission_contact ON web_submission (contact_key, submitted_at DESC, submission_key DESC);
CREATE INDEX web_submission_field_submission ON web_submission_field (submission_key, position);
CREATE INDEX web_visit_visitor ON web_visit (visitor_id, started_at DESC, visit_key DESC);
CREATE INDEX web_mail_log_contact ON web_mail_log (contact_key);
CREATE INDEX web_request_log_contact ON web_request_log (contact_key);
${log}`;
