import type { AskedConsent } from "../requests/organisation.ts";

const withdrawal = {
  nb: "Du kan trekke tilbake samtykket når som helst, her eller ved å skrive til intech@intech.no.",
  nn: "Du kan trekkje tilbake samtykket når som helst, her eller ved å skrive til intech@intech.no.",
  en: "You can withdraw your consent at any time, here or by writing to intech@intech.no.",
};

/** What the demo's persons are asked for, as its privacy policy has it. */
export const demoConsents: readonly [AskedConsent, ...AskedConsent[]] = [
  {
    purpose: "NEWSLETTER",
    wording: {
      nb: "Ja, jeg vil ha nyhetsbrev fra Intech på e-post. Intech ser om jeg åpner og følger lenker i dem.",
      nn: "Ja, eg vil ha nyheitsbrev frå Intech på e-post. Intech ser om eg opnar og følgjer lenkjer i dei.",
      en: "Yes, I want newsletters from Intech by e-mail. Intech sees whether I open them and follow links in them.",
    },
    withdrawal,
  },
  {
    purpose: "PURCHASE_BASED_MARKETING",
    wording: {
      nb: "Ja, Intech kan bruke det jeg har kjøpt, til å tilpasse nyhetsbrev og annonser til meg.",
      nn: "Ja, Intech kan bruke det eg har kjøpt, til å tilpasse nyheitsbrev og annonsar til meg.",
      en: "Yes, Intech may use what I have bought to adapt newsletters and adverts to me.",
    },
    withdrawal,
  },
  {
    purpose: "PARTNER_MARKETING",
    wording: {
      nb: "Ja, Intech kan dele navnet, e-postadressen og telefonnummeret mitt med annonsepartnere, så de kan vise meg annonser for Intech.",
      nn: "Ja, Intech kan dele namnet, e-postadressa og telefonnummeret mitt med annonsepartnarar, så dei kan vise meg annonsar for Intech.",
      en: "Yes, Intech may share my name, e-mail address and telephone number with advertising partners, so that they can show me adverts for Intech.",
    },
    withdrawal,
  },
  {
    purpose: "PROFILE_TAILORING",
    wording: {
      nb: "Ja, Intech kan bruke handlingsmønsteret mitt til å forbedre tjenestene og tilpasse en profil av meg.",
      nn: "Ja, Intech kan bruke handlingsmønsteret mitt til å forbetre tenestene og tilpasse ein profil av meg.",
      en: "Yes, Intech may use the pattern of my actions to improve its services and to adapt a profile of me.",
    },
    withdrawal,
  },
];
