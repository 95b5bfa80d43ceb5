// Issues of beads as its program and its JSONL write them, read with care: versions differ.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { BoardItem } from '../board.js';
import { cleanLine, statusOf } from '../words.js';

/** What of an issue is read. */
export interface Bead {
  id: string;
  title: string;
  status: string;
  priority?: number;
  assignee?: string;
  labels: readonly string[];
  updated_at: string;
  url?: string;
  /** What has to be closed before it can be begun. */
  needs: readonly string[];
}

/** The states that beads itself has; a project may have more. */
export const beadStatuses: readonly string[] = ['open', 'in_progress', 'blocked', 'closed'];

/** An issue; undefined for what is none, and for one that was deleted. */
export function readBead(value: unknown): Bead | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, title, status, priority, assignee, labels, updated_at, external_ref } =
    value as Record<string, unknown>;
  if (typeof id !== 'string' || id === '' || id.length > limits.board_id_chars) return undefined;
  if (typeof title !== 'string' || typeof status !== 'string' || status === 'tombstone') {
    return undefined;
  }
  const { dependencies } = value as { dependencies?: unknown };
  const isUrl = typeof external_ref === 'string' && /^https?:\/\/\S+$/.test(external_ref);
  return {
    id,
    title,
    status,
    ...(typeof priority === 'number' && { priority }),
    ...(typeof assignee === 'string' && assignee !== '' && { assignee }),
    labels: Array.isArray(labels) ? labels.filter(each => typeof each === 'string') : [],
    updated_at: typeof updated_at === 'string' ? updated_at : '',
    ...(isUrl && { url: external_ref }),
    needs: Array.isArray(dependencies) ? dependencies.flatMap(needOf) : [],
  };
}

/** A list tells relations, one issue the issues that it needs; only some of them hold it up. */
function needOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { depends_on_id, id, type, dep_type, dependency_type } = value as Record<string, unknown>;
  const kind = type ?? dep_type ?? dependency_type ?? 'blocks';
  const need = depends_on_id ?? id;
  const isBlocking = kind === 'blocks' || kind === 'conditional-blocks' || kind === 'waits-for';
  return isBlocking && typeof need === 'string' ? [need] : [];
}

/** The item of an issue among all; `isReady` as the program says it, where it does. */
export function beadItem(
  bead: Bead,
  all: ReadonlyMap<string, Bead>,
  isReady: boolean | undefined,
): BoardItem {
  // What is not there can no longer be closed, so it holds nobody up.
  const open = bead.needs.filter(id => (all.get(id)?.status ?? 'closed') !== 'closed');
  const status = statusOf(bead.status);
  const isHeld = isReady === false && status === 'todo' && open.length === 0;
  return {
    id: bead.id,
    title: cleanLine(bead.title),
    status,
    column: cleanLine(bead.status),
    owners: bead.assignee === undefined ? [] : [cleanLine(bead.assignee)],
    labels: bead.labels.map(label => cleanLine(label)),
    ...(bead.priority !== undefined && { priority: `p${bead.priority}` }),
    ...(bead.url !== undefined && { url: bead.url }),
    links: [],
    blocked_by: isHeld ? ['something that bd knows'] : open.map(id => cleanLine(id)),
    revision: cleanLine(bead.updated_at),
  };
}
