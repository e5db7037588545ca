/**
 * When a request is to be answered at the latest: the earlier of 30 days, which the privacy policy promises, and one
 * calendar month, which GDPR Art. 12(3) gives; a month without such a day ends at its last day.
 */
export function dueAt(receivedAt: Date): Date {
  const month = new Date(receivedAt);
  month.setUTCMonth(month.getUTCMonth() + 1);
  if (month.getUTCDate() !== receivedAt.getUTCDate()) month.setUTCDate(0);
  const days = new Date(receivedAt);
  days.setUTCDate(days.getUTCDate() + 30);
  return days < month ? days : month;
}
