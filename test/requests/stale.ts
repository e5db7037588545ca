/** Rows of persons of nobody's making, old enough to go. */
export const stale = `
  insert into kontakt (kontakt_id, kundenr, navn, epost, kunde_siden, sist_aktiv, endret) values
    (900001, 'K-900001', 'Gammel Kunde', 'gammel.kunde@example.org', '2010-01-01', '2015-01-01', '2015-01-01'),
    (900002, 'K-900002', 'Gammel Garanti', 'gammel.garanti@example.org', '2010-01-01', '2015-01-01', '2015-01-01'),
    (900003, 'K-900003', 'Gammel Sperret', 'gammel.sperret@example.org', '2010-01-01', '2015-01-01', '2015-01-01');
  update kontakt set sperret = true where kontakt_id = 900003;
  insert into ordre (ordre_id, kontakt_id, ordrenr, ordredato, belop, valuta, status, garanti_til) values
    (900001, 900001, '2015-1', '2015-01-01', 1, 'NOK', 'LEVERT', null),
    (900002, 900002, '2015-2', '2015-01-01', 1, 'NOK', 'LEVERT', '2099-01-01'),
    (900003, 900003, '2015-3', '2015-01-01', 1, 'NOK', 'LEVERT', null);
  insert into ordrelinje (linje_id, ordre_id, vare, antall, stykkpris, belop) values (900001, 900001, 'Stol', 1, 1, 1);
  insert into ordre_levering (levering_id, ordre_id, navn, sporingsnr) values (900001, 900001, 'Gammel Kunde', 'x');
  insert into samtale (samtale_id, kontakt_id, ordre_id, tidspunkt, kanal) values (900001, 900001, 900001, '2015-01-01', 'EPOST');
  insert into berikelse (berikelse_id, kontakt_id, egenskap, leverandor, hentet) values (900001, 900001, 'Bransje', 'X', '2015-01-01');
  insert into epost_logg (logg_id, kontakt_id, mottaker, emne, sendt) values
    (900001, null, 'gammel.kunde@example.org', 'Hei', '2015-01-01'), (900002, null, 'gammel.garanti@example.org', 'Hei', '2015-01-01')`;
