import { faker } from "@faker-js/faker/locale/nb_NO";

const DAY_MS = 86_400_000;

/** Midnight UTC of the day: what is made up depends on the day, never on the hour. */
export const dayOf = (moment: Date): Date => new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS);

export const daysFrom = (moment: Date, days: number): Date => new Date(moment.getTime() + days * DAY_MS);

/** A moment from `days` before `today` up to `today`. */
export const within = (today: Date, days: number): Date =>
  faker.date.between({ from: daysFrom(today, -days), to: today });

/** A moment of the accounting year that lies so many years back; of this year none that is still to come. */
export function inAccountingYear(today: Date, yearsBack: number): Date {
  const year = today.getUTCFullYear() - yearsBack;
  const end = new Date(Date.UTC(year, 11, 31));
  return faker.date.between({
    from: new Date(Date.UTC(year, 0, 1)),
    to: end < today ? end : today,
  });
}

/** RFC 3339 full-date. */
export const fullDate = (moment: Date): string => moment.toISOString().slice(0, 10);

export const epochSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
