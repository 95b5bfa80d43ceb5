// The keeper of a board that is a GitHub project: a field of one choice has the columns.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import type { Board, BoardItem, BoardMove, BoardScan, MoveWish } from '../board.js';
import { pickItem, settledMove } from '../pick.js';
import { cleanLine, columnNamed, isSameColumn, plainWord, statusOf } from '../words.js';
import { askGithub, type GhOptions } from './gh.js';
import * as q from './queries.js';

/** Which project: `github:acme/7`, and which field of it, where it is not Status. */
export interface ProjectName {
  host: string;
  /** `@me` for who is logged in. */
  owner: string;
  number: number;
  field?: string;
}

const NUMBER = '(?<number>\\d{1,9})';
const FIELD = '(?:#(?<field>.+))?$';
const SHORT = new RegExp(
  `^github:(?:(?<host>[\\w.-]+\\.[\\w.-]+)/)?(?<owner>@me|[\\w-]+)/${NUMBER}${FIELD}`,
  'i',
);
const PLACE = '(?<host>[\\w.-]+)/(?:orgs|users)/(?<owner>[\\w-]+)';
const LONG = new RegExp(`^https://${PLACE}/projects/${NUMBER}(?:[/?][^#]*)?${FIELD}`, 'i');

/** Reads a name or an address; undefined for what is neither. */
export function readProjectName(text: string): ProjectName | undefined {
  const parts = (SHORT.exec(text) ?? LONG.exec(text))?.groups;
  if (parts === undefined) return undefined;
  const { host = 'github.com', owner = '', number, field } = parts;
  const name = { host: host.toLowerCase(), owner: owner.toLowerCase(), number: Number(number) };
  return field === undefined ? name : { ...name, field };
}

interface Project {
  id: string;
  field: string;
  fieldId: string;
  options: readonly { id: string; name: string }[];
}

/** Opens a project; nothing is asked yet. */
export function openGithubBoard(
  name: ProjectName,
  run: GhOptions['run'],
  rest?: GhOptions['rest'],
): Board {
  return new GithubBoard(name, { run, host: name.host, ...(rest && { rest }) });
}

class GithubBoard implements Board {
  readonly kind = 'github';
  readonly name: string;
  readonly #project: ProjectName;
  readonly #gh: GhOptions;
  #hasBlockers = true;

  constructor(project: ProjectName, gh: GhOptions) {
    this.#project = project;
    this.#gh = gh;
    const { host, owner, number } = project;
    this.name = `github:${host === 'github.com' ? '' : `${host}/`}${owner}/${number}`;
  }

  async scan(): Promise<BoardScan> {
    const project = await this.#open();
    const items: BoardItem[] = [];
    let archived = 0;
    let isCut = false;
    for (let after: string | null = null; ; ) {
      const told: q.ItemsAnswer = await this.#ask(q.itemsQuery, {
        ...{ project: project.id, field: project.field, after },
      });
      const { nodes = [], pageInfo } = told.node?.items ?? {};
      for (const node of nodes) {
        if (node === null) continue;
        if (node.isArchived) archived += 1;
        else items.push(itemOf(node));
      }
      isCut = items.length >= limits.board_items && pageInfo?.hasNextPage === true;
      // A page that leads back to itself has no end.
      const next: string | null = pageInfo?.endCursor ?? null;
      if (!pageInfo?.hasNextPage || next === null || next === after || isCut) break;
      after = next;
    }
    // What this board calls done holds nobody up, whether its issue is closed or not.
    const isDone = new Set(items.flatMap(({ status, url }) => (status === 'done' ? [url] : [])));
    for (const item of items) item.blocked_by = item.blocked_by.filter(each => !isDone.has(each));
    const notes = [
      ...(archived > 0 ? [`${archived} archived items are left out`] : []),
      ...(isCut ? [`more than ${limits.board_items} items: the rest is left out`] : []),
    ];
    return { items, columns: project.options.map(({ name }) => cleanLine(name)), notes };
  }

  async find(wanted: string): Promise<BoardItem> {
    if (!/^PVTI_\S+$/.test(wanted)) return pickItem((await this.scan()).items, wanted);
    return this.#item(await this.#open(), wanted);
  }

  async move(wanted: string, to: string, wish?: MoveWish): Promise<BoardMove> {
    const project = await this.#open();
    const columns = project.options.map(({ name }) => cleanLine(name));
    const column = columnNamed(columns, to);
    const option = project.options[columns.indexOf(column)]!;
    const { id } = await this.find(wanted);
    // GitHub has no move on a condition: what it says just before is as near as one comes.
    const item = await this.#item(project, id);
    const settled = settledMove(item, column, wish);
    if (settled !== undefined) return settled;
    wish?.intend?.(item, column);
    const told: { updateProjectV2ItemFieldValue?: { projectV2Item?: { updatedAt?: string } } } =
      await askGithub(this.#gh, q.moveQuery, {
        ...{ project: project.id, item: id, field: project.fieldId, option: option.id },
      });
    const revision = told.updateProjectV2ItemFieldValue?.projectV2Item?.updatedAt ?? item.revision;
    const moved = { ...item, column, status: statusOf(column), revision };
    return { outcome: 'moved', item: moved, from: item.column };
  }

  async #item({ field }: Project, id: string): Promise<BoardItem> {
    const { node }: q.ItemAnswer = await this.#ask(q.itemQuery, { item: id, field });
    if (node?.id === undefined || node.isArchived) {
      const hint = 'see its items: signalbox board scan --all';
      throw new Failure('unknown', `the project has no item ${cleanLine(id)}`, { hint });
    }
    return itemOf(node as q.ProjectItem);
  }

  /** Fields come a hundred at a time, and the one that is wanted may be on any page. */
  async #open(): Promise<Project> {
    const { owner, number, field } = this.#project;
    const fields: q.ChoiceField[] = [];
    let id: string | undefined;
    for (let after: string | null = null; ; ) {
      const isMine = owner === '@me';
      const told: q.ProjectAnswer = await askGithub(this.#gh, q.projectQuery(isMine), {
        ...(isMine ? { number, after } : { owner, number, after }),
      });
      const project = told.owner?.projectV2;
      if (project === undefined || project === null) {
        const hint = `see what there is: gh project list --owner ${owner}`;
        throw new Failure('unknown', `there is no project ${owner}/${number} you may see`, {
          hint,
        });
      }
      id = project.id;
      fields.push(...project.fields.nodes.filter(each => each !== null));
      const { hasNextPage, endCursor } = project.fields.pageInfo;
      if (!hasNextPage || endCursor === null || endCursor === after) break;
      after = endCursor;
    }
    const found = fieldAmong(fields, field);
    return { id, field: found.name, fieldId: found.id, options: found.options };
  }

  /** A server that knows no blockers is asked again without them. */
  async #ask(query: (hasBlockers: boolean) => string, variables: Record<string, string | null>) {
    try {
      return await askGithub(this.#gh, query(this.#hasBlockers), variables);
    } catch (error) {
      if (!this.#hasBlockers || !/blockedBy/.test((error as Error).message)) throw error;
      this.#hasBlockers = false;
      return await askGithub(this.#gh, query(false), variables);
    }
  }
}

/** The field that is named; without a name Status, or one whose words are those of columns. */
function fieldAmong(fields: readonly q.ChoiceField[], wanted = 'Status') {
  const choices = fields.flatMap(({ id, name, options }) =>
    id !== undefined && name !== undefined && options !== undefined ? [{ id, name, options }] : [],
  );
  const named = choices.find(({ name }) => isSameColumn(name, wanted));
  const known = ({ options }: (typeof choices)[number]) =>
    options.filter(({ name }) => statusOf(name) !== 'unknown').length;
  const like = wanted === 'Status' ? choices.find(each => known(each) >= 2) : undefined;
  const found = named ?? like;
  if (found !== undefined) return found;
  const names = choices.map(({ name }) => cleanLine(name)).join(', ') || 'none';
  throw new Failure('unknown', `the project has no field "${cleanLine(wanted)}" of one choice`, {
    hint: `it has: ${names}; name one: github:OWNER/NUMBER#FIELD`,
  });
}

function itemOf(node: q.ProjectItem): BoardItem {
  const { id, type, updatedAt, content } = node;
  const column = cleanLine(node.column?.name ?? '');
  const url = content?.url;
  const isHidden = type === 'REDACTED' || content === null;
  const blockers = (content?.blockedBy?.nodes ?? []).flatMap(each =>
    each !== null && each.state !== 'CLOSED' ? [cleanLine(each.url)] : [],
  );
  const isOver = content?.state === 'CLOSED' || content?.state === 'MERGED';
  const status = column === '' ? (isOver ? 'done' : 'todo') : statusOf(column);
  const priority = plainWord(node.priority?.name ?? '');
  return {
    id,
    title: isHidden ? 'an item that you may not see' : cleanLine(content.title ?? ''),
    status,
    column,
    owners: (content?.assignees?.nodes ?? []).flatMap(each =>
      each ? [cleanLine(each.login)] : [],
    ),
    labels: (content?.labels?.nodes ?? []).flatMap(each => (each ? [cleanLine(each.name)] : [])),
    ...(priority !== '' && { priority }),
    ...(url !== undefined && { url: cleanLine(url, limits.board_url_chars) }),
    links: [],
    blocked_by: isHidden ? ['leave to see it'] : blockers,
    revision: cleanLine(updatedAt),
  };
}
