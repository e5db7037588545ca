import type { Text } from "../language/language.ts";

/** Art. 12(4), 79: what a person is told of who is refused something, besides the complaint. */
export const judicialRemedy: Text = {
  nb: "Du kan også bringe saken inn for domstolene (personvernforordningen artikkel 79).",
  nn: "Du kan òg bringe saka inn for domstolane (personvernforordninga artikkel 79).",
  en: "You can also bring the matter before the courts (GDPR Art. 79).",
};

/** Art. 15(1)(e) and (f): the rights that a person is told of. */
export const rightsTexts: readonly Text[] = [
  {
    nb: "Innsyn i opplysningene om deg (artikkel 15)",
    nn: "Innsyn i opplysningane om deg (artikkel 15)",
    en: "Access to the data about you (Art. 15)",
  },
  {
    nb: "Retting av uriktige opplysninger (artikkel 16)",
    nn: "Retting av uriktige opplysningar (artikkel 16)",
    en: "Rectification of inaccurate data (Art. 16)",
  },
  { nb: "Sletting (artikkel 17)", nn: "Sletting (artikkel 17)", en: "Erasure (Art. 17)" },
  {
    nb: "Begrensning av behandlingen (artikkel 18)",
    nn: "Avgrensing av behandlinga (artikkel 18)",
    en: "Restriction of processing (Art. 18)",
  },
  {
    nb: "Dataportabilitet i et maskinlesbart format (artikkel 20)",
    nn: "Dataportabilitet i eit maskinleseleg format (artikkel 20)",
    en: "Portability in a machine-readable format (Art. 20)",
  },
  {
    nb: "Å protestere mot behandlingen, mot direkte markedsføring når som helst og uten begrunnelse (artikkel 21)",
    nn: "Å protestere mot behandlinga, mot direkte marknadsføring når som helst og utan grunngjeving (artikkel 21)",
    en: "To object to processing, to direct marketing at any time and without a reason (Art. 21)",
  },
  {
    nb: "Å trekke tilbake et samtykke når som helst (artikkel 7 nr. 3)",
    nn: "Å trekkje tilbake eit samtykke når som helst (artikkel 7 nr. 3)",
    en: "To withdraw consent at any time (Art. 7(3))",
  },
  {
    nb: "Å klage til tilsynsmyndigheten (artikkel 77)",
    nn: "Å klage til tilsynsstyresmakta (artikkel 77)",
    en: "To complain to the supervisory authority (Art. 77)",
  },
];
