// The options of setup that are about approvals from afar: what they ask for, or why they cannot.
import { limits } from '../../../schemas/limits.js';
import { clientLimits } from '../../../schemas/limits-client.js';
import type { ApprovalTerms } from '../../runtimes/approvals/terms.js';
import { readPattern } from '../../runtimes/approvals/tool-pattern.js';
import type { RuntimeName } from '../../setup/targets.js';
import { Failure } from '../../terminal/exit.js';
import { nameFrom } from '../reach/who.js';

/** What may be typed of them. */
export interface ApprovalOptions {
  approvals?: boolean;
  approver?: string;
  approveTools?: string[];
  deadline?: number;
  remove?: boolean;
}

/** The terms that were asked for, undefined for none. A Failure for what cannot be had. */
export function wantedApprovals(
  runtime: RuntimeName,
  options: ApprovalOptions,
): ApprovalTerms | undefined | 'as before' {
  const { approvals, approver, approveTools, deadline, remove } = options;
  const isDetailed = [approver, approveTools, deadline].some(each => each !== undefined);
  if (isDetailed && !approvals) {
    throw new Failure('usage', '--approver, --approve-tools and --deadline go with --approvals');
  }
  if (approvals && remove) throw new Failure('usage', 'either --approvals or --remove');
  if (approvals === undefined) return 'as before';
  if (!approvals) return undefined;
  if (runtime !== 'claude-code' && runtime !== 'codex') {
    throw new Failure('usage', `${runtime} lets no hook decide on a permission`, {
      hint: 'approvals are for claude-code and codex',
    });
  }
  const tools = (approveTools ?? []).map(checkedPattern);
  if (tools.length > clientLimits.approval_patterns_items) {
    throw new Failure('usage', `at most ${clientLimits.approval_patterns_items} patterns`);
  }
  const deadline_s = checkedDeadline(deadline ?? clientLimits.approval_deadline_s);
  return { deadline_s, tools, ...(approver !== undefined && { approver: checkedName(approver) }) };
}

function checkedPattern(text: string): string {
  const isGood = readPattern(text) !== undefined && text.length <= limits.label_chars;
  if (isGood && !/\p{Cc}/u.test(text)) return text;
  throw new Failure('usage', `${text} is no pattern of a tool`, {
    hint: "write a name as Bash or mcp__github__*, with an argument as 'Bash(git *)'",
  });
}

function checkedDeadline(deadline: number): number {
  const { approval_deadline_least_s: least, approval_deadline_max_s: most } = clientLimits;
  if (Number.isInteger(deadline) && deadline >= least && deadline <= most) return deadline;
  throw new Failure('usage', `--deadline is ${least}s to ${most / 3_600}h, in whole seconds`);
}

function checkedName(name: string): string {
  if (/^peer_[0-9a-f-]{36}$/.test(name) || nameFrom(name) === name) return name;
  throw new Failure('usage', `${name} is neither a name nor the id of a peer`, {
    hint: 'see who is there: signalbox peers --all',
  });
}
