import { availableParallelism } from "node:os";
import type { Figures } from "./load.ts";
import type { OperationCheckFigures } from "./operation-check.ts";

/** As the issue of the gateway sets them. */
export const targets = { vsHandWritten: 0.5, vsShieldEverywhere: 5, operationCheck: 1.1 } as const;

export interface Measured {
  readonly hundred: { readonly records: number; readonly gateway: Figures; readonly handWritten: Figures };
  readonly thousand: {
    readonly records: number;
    readonly gateway: Figures;
    readonly shieldEverywhere: Figures;
  };
  readonly check: OperationCheckFigures;
}

export interface Report {
  readonly vsHandWritten: number;
  readonly vsShieldEverywhere: number;
  readonly operationCheck: number;
  readonly raw: Measured & { readonly node: string; readonly processors: number };
}

export function reportOf(measured: Measured): Report {
  const { hundred, thousand, check } = measured;
  return {
    vsHandWritten: rounded(hundred.gateway.requestsPerSecond / hundred.handWritten.requestsPerSecond),
    vsShieldEverywhere: rounded(
      thousand.gateway.requestsPerSecond / thousand.shieldEverywhere.requestsPerSecond,
    ),
    operationCheck: rounded(check.ratio),
    raw: { ...measured, node: process.version, processors: availableParallelism() },
  };
}

export function missed({ vsHandWritten, vsShieldEverywhere, operationCheck }: Report): readonly string[] {
  return [
    ...(vsHandWritten >= targets.vsHandWritten ? [] : ["vsHandWritten"]),
    ...(vsShieldEverywhere >= targets.vsShieldEverywhere ? [] : ["vsShieldEverywhere"]),
    ...(operationCheck <= targets.operationCheck ? [] : ["operationCheck"]),
  ];
}

export function table(report: Report): string {
  const { hundred, thousand, check, node, processors } = report.raw;
  const served = (name: string, { requestsPerSecond, p50, p99 }: Figures) =>
    `  ${name.padEnd(34)} ${requestsPerSecond.toFixed(1).padStart(8)} requests/s   p50 ${p50} ms   p99 ${p99} ms`;
  const ratio = (name: keyof typeof targets, sign: string) =>
    `  ${name.padEnd(34)} ${report[name].toFixed(2).padStart(8)}   target ${sign} ${targets[name]}`;
  return [
    `${hundred.records} records of one person, all fields (Node ${node}, ${processors} processors)`,
    served("(a) gateway", hundred.gateway),
    served("(b) hand-written Fastify and pg", hundred.handWritten),
    `${thousand.records} records of one person, all fields`,
    served("(a) gateway", thousand.gateway),
    served("(c) shield on every field", thousand.shieldEverywhere),
    `${check.rows} rows of ${check.fields} fields, in process`,
    `  ${"(d) unprotected, guarded".padEnd(34)} ${check.unprotected.toFixed(2).padStart(8)} ms, ${check.guarded.toFixed(2)} ms`,
    "",
    ratio("vsHandWritten", "at least"),
    ratio("vsShieldEverywhere", "at least"),
    ratio("operationCheck", "at most"),
  ].join("\n");
}

const rounded = (value: number) => Math.round(value * 1_000) / 1_000;
