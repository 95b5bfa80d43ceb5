// Proposal of a handover: whose place is taken, by whom, and the things that are known of now.
import { isRefusal } from '../../../schemas/refusal.js';
import { type Commands, type Propose, recipientOf, self } from '../shared/command-context.js';
import { namedDuties } from './duties.js';

const proposeHandover: Propose<'orchestrator.handover', 'orchestrator.handed_over'> = (
  context,
  { from, circle, to, note, force },
) => {
  const former = recipientOf(context, from, circle);
  if (isRefusal(former)) return former;
  const heir = to === undefined ? self(context) : recipientOf(context, to, circle);
  if (isRefusal(heir)) return heir;
  const things = namedDuties(context.table, former.peer);
  return {
    circle: former.circle,
    of: former.peer,
    to: heir.peer,
    note,
    force: force ? true : undefined,
    things: things.length > 0 ? things : undefined,
  };
};

export const handoverCommands = {
  'orchestrator.handover': proposeHandover,
} satisfies Commands;
