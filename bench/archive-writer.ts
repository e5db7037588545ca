import { writeArchive } from "../src/archive/archive.ts";
import type { ArchiveContents, ArchiveRow } from "../src/archive/contents.ts";
import type { RecordType } from "../src/archive/record-type.ts";

/** What the process of an archive of so many rows prints. */
export interface ArchiveFigures {
  readonly rows: number;
  readonly seconds: number;
  /** Of the ZIP. */
  readonly bytes: number;
  /** Resident memory in bytes: after an archive of a few rows, and the most that there was until the end. */
  readonly baseline: number;
  readonly peak: number;
}

const [rows = 0, textLength = 60] = process.argv.slice(2).map(Number);
const pageSize = 500;
/** So that what the engine itself grows by is in the baseline. */
const warmUpRows = 5_000;
const inAll = (text: string) => ({ nb: text, nn: text, en: text });

const deliveries: RecordType = {
  source: "mailing",
  name: "deliveries",
  title: inAll("Deliveries"),
  fields: [
    { name: "id", type: "string", nullable: false },
    { name: "sentAt", type: "date-time", nullable: false },
    { name: "subject", type: "string", nullable: true },
    { name: "opened", type: "boolean", nullable: true },
    { name: "opens", type: "integer", nullable: false },
  ],
};

const delivery = (n: number): ArchiveRow => ({
  id: `d-${n}`,
  sentAt: new Date(1_700_000_000_000 + n * 60_000).toISOString(),
  subject: `Nyheter nr. ${n % 5000}: `.padEnd(textLength, "kurs & arrangementer på <Østlandet>; "),
  opened: n % 3 === 0,
  opens: n % 7,
});

const contents = (rows: number): ArchiveContents => ({
  language: "nb",
  madeAt: new Date("2026-11-29T12:00:00Z"),
  requestId: "0195f3a0-0000-7000-8000-000000000001",
  kind: "ACCESS",
  first: "JSON",
  controller: { name: "", organisationNumber: "", postalAddress: "", email: "", phone: "" },
  notice: [],
  recordTypes: [deliveries],
  async *rows() {
    for (let at = 0; at < rows; at += pageSize) {
      yield Array.from({ length: Math.min(pageSize, rows - at) }, (_, i) => delivery(at + i));
    }
  },
  missing: [],
  withheld: [],
  leftOut: [],
});

async function write(rows: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of writeArchive(contents(rows))) bytes += chunk.length;
  return bytes;
}

await write(warmUpRows);
const baseline = process.memoryUsage.rss();
const started = performance.now();
const bytes = await write(rows);
const seconds = (performance.now() - started) / 1000;
const figures: ArchiveFigures = {
  rows,
  seconds,
  bytes,
  baseline,
  peak: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
