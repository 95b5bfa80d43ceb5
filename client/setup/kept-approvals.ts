// Approvals as a setup before left them in a file of hooks, so that the next one keeps them.
import { type ApprovalTerms, PERMISSION_EVENT, termsIn } from '../runtimes/approvals/terms.js';
import { jsonOf, nodeAt, readJson } from './edit/json-tree.js';
import { isHookCall, shellWords } from './program-words.js';

/** The terms that stand in a file of hooks; undefined where it has none, or cannot be read. */
export function approvalsIn(file: string | undefined): ApprovalTerms | undefined {
  const groups = groupsIn(file);
  for (const group of Array.isArray(groups) ? groups : []) {
    const { hooks } = Object(group) as { hooks?: unknown };
    for (const hook of Array.isArray(hooks) ? hooks : []) {
      const { command, args } = Object(hook);
      if (!isHookCall(command, args)) continue;
      const words = Array.isArray(args) ? args.map(String) : shellWords(String(command));
      return termsIn(words);
    }
  }
  return undefined;
}

function groupsIn(file: string | undefined): unknown {
  if (file === undefined) return undefined;
  try {
    const node = nodeAt(readJson(file), ['hooks', PERMISSION_EVENT]);
    return node && jsonOf(node);
  } catch {
    // What is wrong with the file is said by whoever edits it.
    return undefined;
  }
}
