// Joining: which role and circle a newcomer takes, and what a token that allows neither is told.
import { hostname } from 'node:os';
import type { Role } from '../../../schemas/common.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import type { Capabilities } from '../../../schemas/peer.js';
import { idTime } from '../../../schemas/uuid.js';
import type { CallParams } from '../../sdk/api.js';
import type { Brokers } from '../../sdk/brokers.js';
import { brokerTimeIn, RefusalError } from '../../sdk/errors.js';
import { Failure, refused } from '../../terminal/exit.js';
import { brokerTime, settled } from './calls.js';
import { folderOf } from './folder.js';
import { type JoinProfile, type KeptPerson, keepNews } from './identity.js';
import { demandNoHuman, type Speaker } from './who.js';

/** What was asked for in so many words; the rest is told by the place and the token. */
export type Wish = Partial<JoinProfile> & Told;

/** What is told with a join and not kept. */
interface Told {
  description?: string | undefined;
  can?: Capabilities | undefined;
}

/** What joining needs to know of the shell. */
export interface Joining {
  brokers: Brokers;
  token: string;
  who: Speaker;
  /** Absent for a peer that stands elsewhere. */
  directory?: string;
  place: string;
  say(line: string): void;
}

type Joined = Result<'peer.join'>;
type Rights = Result<'peer.whoami'>;

/** In the order in which a newcomer takes one when its own is not allowed. */
const ROLES: readonly Role[] = ['agent', 'human', 'service', 'orchestrator'];

/** Joins with an identity, or comes back with it. Throws a Failure that says what to do. */
export async function joinAs(joining: Joining, person: KeptPerson, wish: Wish): Promise<Joined> {
  const { who, say } = joining;
  const { description, can, ...asked } = wish;
  const { role = who.role, circle = who.circle ?? 'default', ...before } = person.profile ?? {};
  const profile = { role, circle, ...before, ...here(joining), ...asked };
  const send = (now: JoinProfile) => join(joining, person, { ...now, description, can });
  const { joined, taken } = await send(profile)
    .then(joined => ({ joined, taken: profile }))
    .catch(async error => {
      const allowed = await allowedInstead(joining, error, profile, { ...before, ...asked });
      return { joined: await send(allowed), taken: allowed };
    });
  if (joined.renamed) say(joined.warning ?? `the name ${person.name} is taken: ${joined.name}`);
  await keepNews(person, { name: joined.name, place: joining.place, profile: taken });
  return joined;
}

async function join(
  { brokers, token }: Joining,
  { peer, secret, name, profile: known }: KeptPerson,
  { description, can, ...profile }: JoinProfile & Told,
): Promise<Joined> {
  const made = peer.slice('peer_'.length);
  // Whoever begins to use a new identity at once joins by one command, which takes effect once.
  const age = Math.abs(brokerTime.now() - idTime(made));
  const isFirst = known === undefined && age < limits.cli_join_again_ms;
  const params: CallParams<'peer.join'> = {
    ...profile,
    ...(description && { description }),
    ...(can && { can }),
    name,
    peer,
    secret,
  };
  const send = (more: { id?: string }) =>
    settled(brokers, token, 'peer.join', { ...params, ...more });
  const joined = send(isFirst ? { id: made } : {}).catch(error => {
    // The clock here is ahead of the broker's, and so is what it made.
    if (!(error instanceof RefusalError) || brokerTimeIn(error) === undefined) throw error;
    return send({});
  });
  return joined.catch(error => {
    if (!(error instanceof RefusalError) || error.refusal !== 'peer_retired') throw error;
    const hint = 'take a new identity with: signalbox join';
    throw refused('peer_retired', `${name} was retired for good by an operator`, hint);
  });
}

/** As much of a name as fits, never half a character. */
function label(name: string): string {
  return name.slice(0, limits.label_chars).replace(/[\ud800-\udbff]$/, '');
}

/** Where this shell stands. */
function here({ who, directory }: Joining) {
  if (directory === undefined) return who.runtime === undefined ? {} : { runtime: who.runtime };
  const { project } = folderOf(directory);
  return {
    machine: label(hostname()),
    ...(directory.length <= limits.path_chars && { path: directory }),
    ...(project !== '' && { project: label(project) }),
    ...(who.runtime && { runtime: who.runtime }),
  };
}

/** The profile that the token allows where nobody asked for the one it does not. */
async function allowedInstead(
  joining: Joining,
  error: unknown,
  profile: JoinProfile,
  fixed: Wish,
): Promise<JoinProfile> {
  const isRight = error instanceof RefusalError && /forbidden$/.test(error.refusal);
  if (!isRight) throw error;
  const rights = await settled(joining.brokers, joining.token, 'peer.whoami', {});
  const role = allowedRole(rights, profile.role, fixed.role);
  demandNoHuman(joining.who, role);
  const circle = allowedCircle(rights, profile.circle, fixed.circle);
  if (role === profile.role && circle === profile.circle) throw error;
  const lacks = [
    ...(role === profile.role ? [] : [`the role ${profile.role}`]),
    ...(circle === profile.circle ? [] : [`the circle ${profile.circle}`]),
  ];
  joining.say(`the token does not allow ${lacks.join(' or ')}: joining as ${role} in ${circle}`);
  return { ...profile, role, circle };
}

function allowedRole({ roles }: Rights, wanted: Role, asked: Role | undefined): Role {
  if (roles.includes(wanted)) return wanted;
  const other = ROLES.find(role => roles.includes(role));
  if (asked === undefined && other !== undefined) return other;
  const hint = `make a token that does: signalbox token create NAME --roles ${wanted}`;
  const instead = other === undefined ? hint : `join with --role ${other}, or ${hint}`;
  throw new Failure('unauthorised', `the token does not allow the role ${wanted}`, {
    hint: instead,
    refusal: 'forbidden',
  });
}

function allowedCircle({ circles }: Rights, wanted: string, asked: string | undefined): string {
  if (circles.includes('*') || circles.includes(wanted)) return wanted;
  const [only, ...others] = circles;
  if (asked === undefined && only !== undefined && others.length === 0) return only;
  throw new Failure('unauthorised', `the token does not cover the circle ${wanted}`, {
    hint: `join one that it covers: --circle ${circles.join(' or --circle ')}`,
    refusal: 'circle_forbidden',
  });
}

/** How a newcomer is told who it is now. */
export function joinedText({ name, profile }: KeptPerson): string {
  return profile === undefined ? name : `${name} (${profile.role}) in circle ${profile.circle}`;
}
