// The terms of approvals from afar, as words of the hook's command line: whom, what, how long.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { readPattern } from './tool-pattern.js';

/** Who is asked about which tools, and for how long. */
export interface ApprovalTerms {
  deadline_s: number;
  /** The name or id of a person; absent: each that is connected. */
  approver?: string;
  /** Patterns of tools; none: every tool. */
  tools: readonly string[];
}

/** The event of a hook that asks, in the runtimes that can. */
export const PERMISSION_EVENT = 'PermissionRequest';

/** The terms as words behind the runtime, each by itself and none to be mistaken for an event. */
export function termWords({ deadline_s, approver, tools }: ApprovalTerms): string[] {
  return [
    `--deadline=${deadline_s}`,
    ...(approver === undefined ? [] : [`--approver=${approver}`]),
    ...tools.map(tool => `--tool=${tool}`),
  ];
}

/** Reads them again; undefined where the words are none, or one of them is no good. */
export function termsIn(words: readonly string[]): ApprovalTerms | undefined {
  const of = (name: string) =>
    words.filter(word => word.startsWith(`--${name}=`)).map(word => word.slice(name.length + 3));
  const deadline_s = Number(of('deadline')[0] ?? Number.NaN);
  const [approver] = of('approver');
  const tools = of('tool');
  const isGood =
    Number.isInteger(deadline_s) &&
    deadline_s > 0 &&
    deadline_s <= limits.approval_deadline_max_s &&
    approver !== '' &&
    tools.every(tool => readPattern(tool) !== undefined);
  return isGood ? { deadline_s, tools, ...(approver && { approver }) } : undefined;
}
