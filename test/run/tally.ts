// Counts what a test file says in TAP, subtests included, each assertion once.
import { Parser, type Result } from 'tap-parser';

/** What stands for a reason where nobody gave one. */
const NO_REASON = ['', 'no tests found'];

export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** The tests of the file, in order. */
  readonly tests: { title: string; isOk: boolean }[] = [];
  /** Why the whole file was skipped, if it was. */
  skipReason: string | undefined;
  /** True once the file has said how many tests it had, and had so many. */
  isWhole = false;
  private readonly parser = new Parser();

  constructor() {
    this.follow(this.parser, 0);
    this.parser.on('complete', ({ plan, failures }) => {
      const isBroken = failures.some((failure: object) => Reflect.get(failure, 'tapError'));
      this.isWhole = plan.start !== null && !isBroken;
      if (plan.skipAll && !NO_REASON.includes(plan.skipReason)) this.skipReason = plan.skipReason;
    });
  }

  hear(text: string): void {
    this.parser.write(text);
  }

  end(): void {
    this.parser.end();
  }

  private get seen(): number {
    return this.passed + this.failed + this.skipped;
  }

  private follow(parser: Parser, depth: number): void {
    let before = { seen: 0, failed: 0 };
    parser.on('child', child => {
      before = { seen: this.seen, failed: this.failed };
      this.follow(child, depth + 1);
    });
    parser.on('assert', (result: Result) => {
      if (depth === 0) this.tests.push({ title: result.name, isOk: result.ok });
      if (!result.closingTestPoint) this.count(result);
      // A subtest that asserted nothing, or that failed by itself: it threw, or ended too early.
      else if (this.seen === before.seen) this.count(result);
      else if (!result.ok && this.failed === before.failed) this.failed += 1;
    });
  }

  private count({ ok, skip, todo }: Result): void {
    if (skip || todo) this.skipped += 1;
    else this[ok ? 'passed' : 'failed'] += 1;
  }
}
