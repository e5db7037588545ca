import { randomUUID } from "node:crypto";
import { erasureJournal, type JournalledErasure } from "../../../src/store/erasure-journal.ts";

// Journals so many erasures, and one that others journal as well; tells how many it has.
const [folder = "", key = "", same = "", count = ""] = process.argv.slice(2);
const journal = erasureJournal(folder, Buffer.from(key, "hex"));
const erasure = (requestId: string): JournalledErasure => ({
  requestId,
  subjectId: randomUUID(),
  formerIds: [],
  receivedAt: new Date().toISOString(),
  dueAt: new Date().toISOString(),
  at: new Date().toISOString(),
  channel: "PORTAL",
  language: "nb",
  sources: null,
  suppressed: [],
  kept: [],
  links: [],
  receipt: null,
});
for (let written = 1; written <= Number(count); written++) {
  await journal.write(erasure(randomUUID()));
  await journal.write(erasure(same));
  process.stdout.write(`${written}\n`);
}
