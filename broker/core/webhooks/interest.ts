// The filter of a webhook: which records it is told of, by what their commit's header says of them.
import type { WebhookState } from '../rows/webhooks.js';
import { isOwnKind } from './commands.js';

/** What a header says of a record, and the fold. */
export interface RecordHead {
  type: string;
  circles: readonly string[];
  void?: string | undefined;
}

/**
 * True for what took effect, belongs to its circles alone, and is of its types or kinds. What
 * touches another circle, too, is not for those who may not see that one.
 */
export function interestOf(row: WebhookState): (record: RecordHead) => boolean {
  const types = row.types && new Set(row.types);
  const kinds = row.kinds && new Set(row.kinds);
  const own = new Set(row.circles);
  const isAll = own.has('*');
  return ({ type, circles, void: reason }) => {
    if (reason !== undefined) return false;
    const kind = type.slice(0, type.indexOf('.'));
    if (isOwnKind(kind)) return false;
    const isAny = types === undefined && kinds === undefined;
    if (!isAny && !types?.has(type) && !kinds?.has(kind)) return false;
    return isAll || (circles.length > 0 && circles.every(circle => own.has(circle)));
  };
}
