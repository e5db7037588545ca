/** A Norwegian vendor's CRM: integer keys, snake_case, money as numeric(12,2). */
export const tables = `
CREATE TABLE kontakt (
  kontakt_id integer PRIMARY KEY,
  kundenr text NOT NULL,
  navn text NOT NULL,
  epost text,
  mobil text,
  stilling text,
  firma text,
  adresse text,
  fodselsdato date,
  merknad text,
  kunde_siden date NOT NULL,
  sist_aktiv timestamptz NOT NULL,
  sperret boolean NOT NULL DEFAULT false,
  soketekst text GENERATED ALWAYS AS (lower(kundenr || ' ' || navn || ' ' || coalesce(epost, '') || ' ' || coalesce(mobil, ''))) STORED,
  endret timestamptz NOT NULL
);
CREATE TABLE ordre (
  ordre_id integer PRIMARY KEY,
  kontakt_id integer NOT NULL,
  ordrenr text NOT NULL,
  ordredato timestamptz NOT NULL,
  belop numeric(12,2) NOT NULL,
  valuta text NOT NULL,
  status text NOT NULL,
  garanti_til date,
  sperret boolean NOT NULL DEFAULT false,
  oppbevares_til date
);
CREATE TABLE ordrelinje (
  linje_id integer PRIMARY KEY,
  ordre_id integer NOT NULL,
  vare text NOT NULL,
  antall numeric(9,2) NOT NULL,
  stykkpris numeric(12,2) NOT NULL,
  belop numeric(12,2) NOT NULL
);
CREATE TABLE retur (
  retur_id integer PRIMARY KEY,
  ordre_id integer NOT NULL,
  mottatt timestamptz NOT NULL,
  arsak text,
  status text NOT NULL
);
CREATE TABLE samtale (
  samtale_id integer PRIMARY KEY,
  kontakt_id integer NOT NULL,
  ordre_id integer,
  tidspunkt timestamptz NOT NULL,
  kanal text NOT NULL,
  emne text,
  tekst text,
  saksbehandler text,
  sperret boolean NOT NULL DEFAULT false,
  oppbevares_til date
);
CREATE TABLE berikelse (
  berikelse_id integer PRIMARY KEY,
  kontakt_id integer NOT NULL,
  egenskap text NOT NULL,
  verdi text,
  leverandor text NOT NULL,
  hentet timestamptz NOT NULL
);`;

export const constraints = `
CREATE UNIQUE INDEX kontakt_kundenr ON kontakt (kundenr);
CREATE INDEX kontakt_epost ON kontakt (lower(epost));
ALTER TABLE ordre ADD FOREIGN KEY (kontakt_id) REFERENCES kontakt;
ALTER TABLE ordrelinje ADD FOREIGN KEY (ordre_id) REFERENCES ordre ON DELETE CASCADE;
ALTER TABLE retur ADD FOREIGN KEY (ordre_id) REFERENCES ordre;
ALTER TABLE samtale ADD FOREIGN KEY (kontakt_id) REFERENCES kontakt, ADD FOREIGN KEY (ordre_id) REFERENCES ordre ON DELETE SET NULL;
ALTER TABLE berikelse ADD FOREIGN KEY (kontakt_id) REFERENCES kontakt ON DELETE CASCADE;
CREATE INDEX ordre_kontakt ON ordre (kontakt_id, ordredato DESC, ordre_id DESC);
CREATE INDEX ordrelinje_ordre ON ordrelinje (ordre_id, linje_id);
CREATE INDEX retur_ordre ON retur (ordre_id, retur_id);
CREATE INDEX samtale_kontakt ON samtale (kontakt_id, tidspunkt DESC, samtale_id DESC);
CREATE INDEX samtale_ordre ON samtale (ordre_id);
CREATE INDEX berikelse_kontakt ON berikelse (kontakt_id, berikelse_id);`;
