import type { Text } from "../language/language.ts";
import type {
  ComplainedRequest,
  ComplaintBundle,
  ComplaintDecision,
  ComplaintEvent,
  ComplaintStep,
  Letter,
  SignedReceipt,
} from "./complaint-bundle.ts";
import { complaintWords as words } from "./complaint-words.ts";
import { fieldWords } from "./field-words.ts";
import { both as inBoth, type Cell, markup, type Markup, pageEnd, pageStart } from "./html.ts";
import { type Column, htmlTable } from "./html-table.ts";
import { words as common } from "./words.ts";

const both = (text: Text) => inBoth(text, "nb");
const at = (moment: Date | null): Cell =>
  moment === null ? "" : markup`<time>${moment.toISOString()}</time>`;
const yesOrNo = (yes: boolean): Cell => both(yes ? common.yes : common.no);

/** The case as the authority reads it. */
export function* complaintPage(bundle: ComplaintBundle): Generator<string> {
  const { timeline: events, steps: done, decisions: decided, correspondence, receipts } = bundle;
  yield pageStart(words.title, "nb").text;
  yield facts(bundle).text;
  yield section(words.timeline, events, timeline).text;
  yield section(words.steps, done, steps).text;
  yield section(words.decisions, decided, decisions).text;
  yield markup`<h2>${both(words.correspondence)}</h2>\n`.text;
  if (correspondence.length === 0) yield markup`<p>${both(common.nothing)}</p>\n`.text;
  for (const one of correspondence) yield letter(one).text;
  yield receiptList(receipts).text;
  yield pageEnd.text;
}

type Fact = readonly [title: Text, value: Cell];

function facts({ madeAt, controller, authority, request }: ComplaintBundle): Markup {
  const { name, organisationNumber, postalAddress, email, phone } = controller;
  const all: readonly Fact[] = [
    [common.controller, [name, organisationNumber, postalAddress, email, phone].join(", ")],
    [words.authority, `${authority.name}, ${authority.url}`],
    [common.madeAt, at(madeAt)],
    ...factsOf(request),
  ];
  const shown = all.filter(([, value]) => value !== "");
  return markup`<dl>\n${shown.map(([title, value]) => markup`<dt>${both(title)}</dt><dd>${value}</dd>\n`)}</dl>\n`;
}

function factsOf(request: ComplainedRequest): readonly Fact[] {
  const { refusal } = request;
  return [
    [words.request, request.id],
    [words.kind, request.kind],
    [fieldWords.status, request.status],
    [fieldWords.channel, request.channel],
    [fieldWords.receivedAt, at(request.receivedAt)],
    [fieldWords.dueAt, at(request.dueAt)],
    [fieldWords.extendedBecause, request.extendedBecause ?? ""],
    [words.completedAt, at(request.completedAt)],
    [fieldWords.reason, request.reason ?? ""],
    [fieldWords.refusal, refusal === null ? "" : `${refusal.code}: ${refusal.message}`],
    [fieldWords.legalGround, refusal?.legalGround ?? ""],
  ];
}

function section<Row>(title: Text, rows: readonly Row[], columns: readonly Column<Row>[]): Markup {
  if (rows.length > 0) return htmlTable(title, columns, rows, "nb");
  return markup`<h2>${both(title)}</h2>\n<p>${both(common.nothing)}</p>\n`;
}

const timeline: readonly Column<ComplaintEvent>[] = [
  { title: fieldWords.at, value: (e) => at(e.at) },
  { title: fieldWords.by, value: (e) => e.by ?? both(words.gateway) },
  { title: fieldWords.event, value: (e) => e.event },
  { title: fieldWords.detail, value: (e) => e.detail ?? "" },
  { title: fieldWords.note, value: (e) => e.note ?? "" },
];

const steps: readonly Column<ComplaintStep>[] = [
  { title: fieldWords.source, value: (s) => s.source },
  { title: fieldWords.action, value: (s) => s.action },
  { title: fieldWords.recordType, value: (s) => s.recordType ?? "" },
  { title: fieldWords.state, value: (s) => s.state },
  { title: fieldWords.outcome, value: (s) => s.outcome ?? "" },
  { title: fieldWords.legalGround, value: (s) => s.legalGround ?? "" },
  { title: fieldWords.retainedUntil, value: (s) => s.retainedUntil ?? "" },
  { title: fieldWords.finishedAt, value: (s) => at(s.finishedAt) },
];

const decisions: readonly Column<ComplaintDecision>[] = [
  { title: fieldWords.at, value: (d) => at(d.at) },
  { title: fieldWords.by, value: (d) => d.by },
  { title: words.approved, value: (d) => yesOrNo(d.approved) },
  { title: fieldWords.legalGround, value: (d) => d.legalGround ?? "" },
  { title: words.explanation, value: (d) => d.explanation ?? "" },
];

const letter = ({ at: moment, direction, channel, subject, text }: Letter): Markup => markup`<article>
<h3>${both(words[direction])}, ${at(moment)}, ${channel}</h3>
${subject === null ? "" : markup`<p><strong>${subject}</strong></p>\n`}<p class="letter">${text}</p>
</article>
`;

function receiptList(receipts: readonly SignedReceipt[]): Markup {
  const names = receipts.map(({ name }) => markup`<li>receipts/${name}.jws</li>\n`);
  const list = names.length === 0 ? markup`<p>${both(common.nothing)}</p>` : markup`<ul>\n${names}</ul>`;
  return markup`<h2>${both(words.receipts)}</h2>\n${list}\n`;
}
