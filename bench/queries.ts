/** Everything that the four systems hold of the signed-in person (GDPR Art. 15), `$first` rows of each list. */
export const accessQuery = `query Access($first: Int = 20) {
  me {
    crm {
      customerNumber name email phone jobTitle organisation postalAddress customerSince lastActivityAt
      conversations(first: $first) {
        edges { node { at channel subject body handledBy } }
        pageInfo { hasNextPage endCursor }
      }
      orders(first: $first) {
        edges {
          node {
            number orderedAt total currency status warrantyUntil restricted retainedUntil
            lines { product quantity unitPrice amount }
            returns { returnedAt reason status }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
      enrichments { attribute value provider obtainedAt }
      other { name value category }
    }
    learning {
      username email name phone jobTitle organisation createdAt lastLoginAt
      courses(first: $first) {
        edges { node { course level status score completedAt } }
        pageInfo { hasNextPage endCursor }
      }
      surveyAnswers(first: $first) {
        edges { node { survey question answer answeredAt } }
        pageInfo { hasNextPage endCursor }
      }
      sessions(first: $first) {
        edges { node { startedAt browser ipAddress responseTimeMs } }
        pageInfo { hasNextPage endCursor }
      }
      other { name value category }
    }
    mailing {
      address status name phone
      subscriptions { list status subscribedAt unsubscribedAt }
      deliveries(first: $first) {
        edges { node { campaign sentAt openedAt repliedAt clicks { url at } } }
        pageInfo { hasNextPage endCursor }
      }
      other { name value category }
    }
    events {
      name email phone
      registrations(first: $first) {
        edges {
          node {
            event startsAt registeredAt status attended
            name email phone dietaryNeeds accessNeeds note
          }
        }
        pageInfo { hasNextPage endCursor }
      }
      competitionEntries { competition enteredAt answer won }
      other { name value category }
    }
  }
}`;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Members = { readonly [name: string]: Json };

const isMembers = (value: Json): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Connections as lists, so that answers of two makes can be compared. Cursors are each server's own. */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (!isMembers(value)) return value;
  const { edges, pageInfo, endCursor: _, ...members } = value;
  if (Array.isArray(edges) && pageInfo !== undefined && isMembers(pageInfo)) {
    const rows = edges.map((edge: Json) => plain(isMembers(edge) ? (edge["node"] ?? null) : edge));
    return { rows, hasNextPage: pageInfo["hasNextPage"] ?? null };
  }
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member)]));
}

/** Objects in lists: what a person would call records. `other` counts with the record that it belongs to. */
export function countRecords(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item: Json) => sum + 1 + countRecords(item), 0);
  if (!isMembers(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, member]) => sum + (name === "other" ? 0 : countRecords(member)),
    0,
  );
}
