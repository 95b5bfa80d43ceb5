// Approvals in the settings of a runtime: the hook that asks, and what its user is told of it.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { type ApprovalTerms, termWords } from '../runtimes/approvals/terms.js';
import { shellLine } from './program-words.js';

/** What such a hook waits for takes longer than any other; the runtime must not end it before. */
function timeoutOf({ deadline_s }: ApprovalTerms): number {
  return deadline_s + limits.approval_more_s;
}

/** The hook that asks, as Claude Code is given it; `hook` is what its other hooks are. */
export function claudeApproval<H extends { args: readonly string[] }>(
  hook: H,
  terms: ApprovalTerms,
) {
  return { ...hook, args: [...hook.args, ...termWords(terms)], timeout: timeoutOf(terms) };
}

/** The same as a line of a shell. */
export function codexApproval(hookWords: readonly string[], terms: ApprovalTerms) {
  const command = shellLine([...hookWords, ...termWords(terms)]);
  return { type: 'command', command, timeout: timeoutOf(terms) };
}

/** What is left to know for whoever set them up, a line each. */
export function approvalNotes({ approver, deadline_s, tools }: ApprovalTerms): string[] {
  const what =
    tools.length === 0 ? 'its permission questions' : `questions about ${tools.join(' ')}`;
  const whom = approver ?? 'each connected peer of role human';
  return [
    `${what} go to ${whom} for ${deadline_s} s, and are denied then; see them: signalbox approve`,
    ...(approver === undefined
      ? ['whoever joins as human may answer them: name one person with --approver']
      : []),
  ];
}
