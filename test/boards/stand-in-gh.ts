// A stand-in for the program gh: GraphQL of projects in the documented shapes, page by page.
import type { Ran } from '../../client/boards/run.js';

export interface GhItem {
  id: string;
  title: string;
  column?: string;
  type?: string;
  isArchived?: boolean;
  owners?: string[];
  blockedBy?: string[];
  url?: string;
}

/** How one call fails, as the real program does. */
export interface GhFailure {
  code: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  stderr?: string;
}

const PAGE = 100;

export class StandInGh {
  readonly calls: { args: readonly string[]; query: string; variables: Record<string, unknown> }[] =
    [];
  /** The next calls fail so, one each. */
  readonly failures: GhFailure[] = [];
  items: GhItem[];
  /** Fields before the one that has the columns. */
  readonly otherFields: number;
  knowsBlockers = true;
  #clock = 0;
  readonly #updated = new Map<string, string>();

  constructor(items: GhItem[], otherFields = 0) {
    this.items = items;
    this.otherFields = otherFields;
  }

  /** As the keeper runs it. */
  readonly run = async (args: readonly string[], input = ''): Promise<Ran> => {
    const { query, variables } = JSON.parse(input) as {
      query: string;
      variables: Record<string, string>;
    };
    this.calls.push({ args, query, variables });
    const failure = this.failures.shift();
    if (failure !== undefined) return failed(failure);
    if (query.includes('blockedBy') && !this.knowsBlockers) {
      const message = "Field 'blockedBy' doesn't exist on type 'Issue'";
      return failed({
        code: 1,
        status: 200,
        body: JSON.stringify({ errors: [{ type: 'undefinedField', message }] }),
        stderr: `gh: ${message}`,
      });
    }
    return answered({ data: this.#data(query, variables) });
  };

  #data(query: string, { after, item, option, owner }: Record<string, string>): unknown {
    if (query.includes('updateProjectV2ItemFieldValue')) {
      const found = this.items.find(({ id }) => id === item)!;
      found.column = option!.replace('option of ', '');
      this.#updated.set(found.id, `2026-01-01T00:00:0${++this.#clock}Z`);
      const projectV2Item = { id: found.id, updatedAt: this.#updated.get(found.id) };
      return { updateProjectV2ItemFieldValue: { projectV2Item } };
    }
    if (query.includes('fields(first')) {
      if (owner === 'nobody') return { owner: null };
      const others = Array.from({ length: this.otherFields }, () => ({}));
      const columns = ['Todo', 'In Progress', 'In Review', 'Done'];
      const options = columns.map(name => ({ id: `option of ${name}`, name }));
      const fields = paged([...others, { id: 'field', name: 'STATUS', options }], after);
      return { owner: { projectV2: { id: 'project', title: 'Shop', closed: false, fields } } };
    }
    if (query.includes('items(first')) {
      const { pageInfo, nodes } = paged(this.items, after);
      return { node: { items: { pageInfo, nodes: nodes.map(each => this.#shown(each)) } } };
    }
    const found = this.items.find(({ id }) => id === item);
    return { node: found === undefined ? null : this.#shown(found) };
  }

  #shown({ id, title, column, type = 'ISSUE', owners = [], blockedBy = [], ...rest }: GhItem) {
    const content =
      type === 'REDACTED'
        ? null
        : {
            title,
            ...(rest.url && { url: rest.url, state: 'OPEN' }),
            assignees: { nodes: owners.map(login => ({ login })) },
            labels: { nodes: [] },
            blockedBy: { nodes: blockedBy.map(url => ({ url, state: 'OPEN' })) },
          };
    return {
      ...{ id, type, isArchived: rest.isArchived ?? false, content, priority: {} },
      updatedAt: this.#updated.get(id) ?? '2026-01-01T00:00:00Z',
      column: column === undefined ? null : { name: column },
    };
  }
}

function paged<Node>(all: readonly Node[], after: string | undefined) {
  const from = Number(after ?? 0);
  const until = from + PAGE;
  const pageInfo = { hasNextPage: until < all.length, endCursor: String(until) };
  return { pageInfo, nodes: all.slice(from, until) };
}

function answered(body: object): Ran {
  const head = 'HTTP/2.0 200 OK\r\nContent-Type: application/json; charset=utf-8';
  return { code: 0, stdout: `${head}\r\n\r\n${JSON.stringify(body)}`, stderr: '' };
}

function failed({ code, status, headers = {}, body = '', stderr = '' }: GhFailure): Ran {
  if (status === undefined) return { code, stdout: body, stderr };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return { code, stdout: `HTTP/2.0 ${status} \r\n${lines.join('')}\r\n\r\n${body}`, stderr };
}
