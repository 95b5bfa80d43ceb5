// The health report: the verdict of readiness in a sentence, with the figures behind it.
import type { Result } from '../../../schemas/method.js';
import type { Door } from '../../runtime/door.js';

/** Who is connected, observes and watches, as the gateway knows it. */
export type GatewayFigures = Pick<Result<'mesh.health'>, 'connections' | 'observers' | 'views'>;

/** What `mesh.health` answers. */
export function healthReport(door: Door, gateway: GatewayFigures): Result<'mesh.health'> {
  const { ready, checks } = door.health();
  const { commits, store, index, snapshot } = door.figures();
  return {
    time: door.now(),
    ready,
    verdict: verdictOf(ready, checks),
    checks,
    commits,
    store: { durability: door.info().durability, ...store },
    ...gateway,
    ...(index && { index }),
    ...(snapshot && { snapshot }),
    skew: door.skew(),
  };
}

function verdictOf(ready: boolean, checks: Result<'mesh.health'>['checks']): string {
  const failing = Object.entries(checks).filter(([, { ok }]) => !ok);
  const reasons = failing.map(([name, { detail }]) => `${name}: ${detail}`).join('; ');
  if (!ready) return `It takes no commands (${reasons}).`;
  return failing.length === 0 ? 'All is well.' : `It serves, but something is wrong (${reasons}).`;
}
