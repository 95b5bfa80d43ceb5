// A stand-in for the program bd: issues of beads in the documented shapes.
import type { Ran } from '../../client/boards/run.js';

export interface BdIssue {
  id: string;
  title: string;
  status: string;
  priority?: number;
  assignee?: string;
  dependencies?: { issue_id: string; depends_on_id: string; type: string }[];
  updated_at?: string;
}

export class StandInBd {
  readonly calls: (readonly string[])[] = [];
  readonly failures: Ran[] = [];
  isOld = false;
  readonly issues: BdIssue[];
  #clock = 0;

  constructor(issues: BdIssue[]) {
    this.issues = issues;
  }

  readonly run = async (args: readonly string[]): Promise<Ran> => {
    this.calls.push(args);
    const failure = this.failures.shift();
    if (failure !== undefined) return failure;
    if (this.isOld && args.includes('--limit')) {
      return { code: 1, stdout: '', stderr: 'Error: unknown flag: --limit' };
    }
    const [verb] = args;
    const id = args.includes('--') ? args[args.indexOf('--') + 1] : undefined;
    const found = this.issues.find(each => each.id === id);
    if (verb === 'list') return told(this.issues);
    if (verb === 'ready') return told(this.issues.filter(each => this.#isReady(each)));
    if (found === undefined) {
      return { code: 1, stdout: '', stderr: `Error: no issue found matching "${id}"` };
    }
    if (verb === 'update') {
      found.status = args[args.indexOf('--status') + 1]!;
      found.updated_at = `2026-01-01T00:00:0${++this.#clock}Z`;
    }
    return told([found]);
  };

  #isReady({ status, dependencies = [] }: BdIssue): boolean {
    const isOpen = (id: string) => this.issues.find(each => each.id === id)?.status !== 'closed';
    return status === 'open' && !dependencies.some(each => isOpen(each.depends_on_id));
  }
}

function told(issues: readonly BdIssue[]): Ran {
  return { code: 0, stdout: JSON.stringify(issues), stderr: '' };
}
