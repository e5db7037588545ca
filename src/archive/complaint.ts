import type { ComplaintBundle } from "./complaint-bundle.ts";
import { complaintPage } from "./complaint-page.ts";
import { jsonText } from "./json-rows.ts";
import { zipOf } from "./zip.ts";

/** The bytes of the ZIP: a page to read, the same for programs, and the signed receipts. The same bundle gives the same bytes. */
export async function* writeComplaint(bundle: ComplaintBundle): AsyncGenerator<Buffer> {
  const { receipts, ...said } = bundle;
  const signed = receipts.map(({ name, jws }) => ({ path: receiptPath(name), text: () => [jws] }));
  if (new Set(signed.map(({ path }) => path.toLowerCase())).size < signed.length) {
    throw new Error("Two receipts have one name");
  }
  yield* zipOf(
    [
      { path: "sak.html", text: () => complaintPage(bundle) },
      { path: "case.json", text: () => [jsonText({ ...said, receipts: signed.map(({ path }) => path) })] },
      ...signed,
    ],
    bundle.madeAt,
  );
}

function receiptPath(name: string) {
  if (!/^[\w-]{1,100}$/.test(name)) throw new Error(`${JSON.stringify(name)} cannot name a receipt's file`);
  return `receipts/${name}.jws`;
}
