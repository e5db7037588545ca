import autocannon from "autocannon";
import { median } from "./median.ts";

export interface Target {
  readonly url: string;
  readonly token: string;
  readonly body: string;
  /** What every answer must be, to the byte. */
  readonly expected: string;
}

export interface Figures {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}

const connections = 8;
/** Until the compiler of the runtime has seen what is hot: a gateway is started once and runs for weeks. */
const warmUpSeconds = 20;

/** Keeps a server busy from this process. @throws Error when an answer is not the expected one */
export async function load({ url, token, body, expected }: Target, seconds: number): Promise<Figures> {
  const result = await autocannon({
    url,
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body,
    connections,
    duration: seconds,
    expectBody: expected,
  });
  if (result.errors + result.timeouts + result.non2xx + result.mismatches > 0 || result["2xx"] === 0) {
    throw new Error(
      `${result.errors} errors, ${result.non2xx} refusals, ${result.mismatches} other answers from ${url}`,
    );
  }
  return {
    requestsPerSecond: result["2xx"] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    requests: result["2xx"],
  };
}

/** Turn by turn, so that what else the machine does hurts all alike; the median of each. */
export async function compare<Name extends string>(
  targets: Readonly<Record<Name, Target>>,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Readonly<Record<Name, Figures>>> {
  const names = Object.keys(targets) as Name[];
  for (const name of names) await load(targets[name], warmUpSeconds);
  const figures = new Map<Name, Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const turn = round % 2 === 0 ? names : names.toReversed();
    for (const name of turn) figures.get(name)?.push(await load(targets[name], seconds));
  }
  return Object.fromEntries(names.map((name) => [name, typical(figures.get(name) ?? [])])) as Record<
    Name,
    Figures
  >;
}

function typical(figures: readonly Figures[]): Figures {
  const of = (name: keyof Figures) => median(figures.map((figure) => figure[name]));
  return {
    requestsPerSecond: of("requestsPerSecond"),
    p50: of("p50"),
    p99: of("p99"),
    requests: figures.reduce((sum, { requests }) => sum + requests, 0),
  };
}
