import type { Asked } from "../setup/gateway.ts";
import { dpo, type World } from "./world.ts";

export interface Item {
  readonly source: string;
  readonly recordType: string;
  readonly fields: readonly string[] | null;
  readonly rule: string;
  readonly action: string;
  readonly count: number;
  readonly undated: number;
  readonly setAside: number;
  readonly state: string;
  readonly gone: number | null;
  readonly remaining: number | null;
  readonly reason: string | null;
}

export interface Review {
  readonly __typename: "RetentionReview" | "Refusal";
  readonly id: string;
  readonly asOf: string;
  readonly openedAt: string;
  readonly status: string;
  readonly items: readonly Item[];
  readonly code: string;
  readonly rule: string;
  readonly field: string | null;
}

const review =
  "__typename id asOf openedAt status approvedAt endedAt items { source recordType fields rule action count undated setAside state gone remaining reason }";
const result = `{ ... on RetentionReview { ${review} } ... on Refusal { __typename code rule field message } }`;

type On = Pick<World, "gateway">;

export const openReview = ({ gateway }: On, input: object = {}, asked: Asked = { as: dpo }) =>
  gateway.query<{ openRetentionReview: Review }>(
    `mutation($input: OpenRetentionReviewInput!) { openRetentionReview(input: $input) ${result} }`,
    { input },
    asked,
  );

export const approveReview = ({ gateway }: On, id: string, asked: Asked = { as: dpo, strongly: true }) =>
  gateway.query<{ approveRetentionReview: Review }>(
    `mutation($input: ApproveRetentionReviewInput!) { approveRetentionReview(input: $input) ${result} }`,
    { input: { id } },
    asked,
  );

export const readReview = ({ gateway }: On, id: string, asked: Asked = { as: dpo }) =>
  gateway.query<{ retentionReview: Review | null }>(
    `query($id: ID!) { retentionReview(id: $id) { ${review} } }`,
    { id },
    asked,
  );

export async function opened(world: On, input: object = {}): Promise<Review> {
  const { data, text } = await openReview(world, input);
  if (data?.openRetentionReview.id === undefined) throw new Error(text);
  return data.openRetentionReview;
}

/** Resolves with the review once it has ended. */
export async function carriedOut(world: On, id: string): Promise<Review> {
  const { data, text } = await approveReview(world, id);
  if (data?.approveRetentionReview.id === undefined) throw new Error(text);
  return endOf(world, id);
}

export async function endOf(world: On, id: string): Promise<Review> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const { data } = await readReview(world, id);
    const now = data?.retentionReview;
    if (now && !["SCHEDULED", "AWAITING_DECISION", "RUNNING"].includes(now.status)) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the review has not ended within a minute");
}

export const nameOf = ({ source, recordType, fields }: Pick<Item, "source" | "recordType" | "fields">) =>
  [source, recordType, ...(fields ?? [])].join(" ");

/** `source recordType action`, and how many. */
export const counts = ({ items }: Pick<Review, "items">): Readonly<Record<string, number>> =>
  Object.fromEntries(items.map((item) => [`${nameOf(item)} ${item.action}`, item.count]));
