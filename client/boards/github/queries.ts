// The queries of a GitHub project: its columns, its items page by page, one item, and a move.

/** Who owns it, a person or an organisation; `viewer` is who is logged in. */
export const projectQuery = (isMine: boolean) => `
query(${isMine ? '' : '$owner: String!, '}$number: Int!, $after: String) {
  owner: ${isMine ? 'viewer' : 'repositoryOwner(login: $owner)'} {
    ... on ProjectV2Owner { projectV2(number: $number) {
      id title url closed
      fields(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { ... on ProjectV2SingleSelectField { id name options { id name } } }
      }
    } }
  }
}`;

const people = 'assignees(first: 10) { nodes { login } }';
const work = `number title url state ${people} labels(first: 20) { nodes { name } }`;
const blockers = 'blockedBy(first: 20) { nodes { url state } }';

/** Older servers know no blockers. */
const itemFields = (hasBlockers: boolean) => `
  id type isArchived updatedAt
  column: fieldValueByName(name: $field) {
    ... on ProjectV2ItemFieldSingleSelectValue { name }
  }
  priority: fieldValueByName(name: "Priority") {
    ... on ProjectV2ItemFieldSingleSelectValue { name }
  }
  content {
    ... on Issue { ${work} ${hasBlockers ? blockers : ''} }
    ... on PullRequest { ${work} }
    ... on DraftIssue { title ${people} }
  }`;

export const itemsQuery = (hasBlockers: boolean) => `
query($project: ID!, $field: String!, $after: String) {
  node(id: $project) { ... on ProjectV2 {
    items(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { ${itemFields(hasBlockers)} }
    }
  } }
}`;

export const itemQuery = (hasBlockers: boolean) => `
query($item: ID!, $field: String!) {
  node(id: $item) { ... on ProjectV2Item { ${itemFields(hasBlockers)} } }
}`;

export const moveQuery = `
mutation($project: ID!, $item: ID!, $field: ID!, $option: String!) {
  updateProjectV2ItemFieldValue(input: {
    projectId: $project, itemId: $item, fieldId: $field,
    value: { singleSelectOptionId: $option }
  }) { projectV2Item { id updatedAt } }
}`;

interface Paged<Node> {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  nodes: readonly (Node | null)[];
}

/** A field of one choice; other fields come as nothing at all. */
export interface ChoiceField {
  id?: string;
  name?: string;
  options?: readonly { id: string; name: string }[];
}

export interface ProjectAnswer {
  owner: {
    projectV2?: { id: string; title: string; closed: boolean; fields: Paged<ChoiceField> } | null;
  } | null;
}

type Listed<Key extends string> = { nodes: readonly ({ [K in Key]: string } | null)[] };

export interface ProjectItem {
  id: string;
  type: 'ISSUE' | 'PULL_REQUEST' | 'DRAFT_ISSUE' | 'REDACTED';
  isArchived: boolean;
  updatedAt: string;
  column: { name?: string } | null;
  priority: { name?: string } | null;
  content: {
    number?: number;
    title?: string;
    url?: string;
    state?: string;
    assignees?: Listed<'login'>;
    labels?: Listed<'name'>;
    blockedBy?: { nodes: readonly ({ url: string; state: string } | null)[] };
  } | null;
}

export interface ItemsAnswer {
  node: { items?: Paged<ProjectItem> } | null;
}

export interface ItemAnswer {
  node: Partial<ProjectItem> | null;
}
