// Calls in this shell's name: its agent's, a person's (who joins when need be), or a token's.
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import type { MethodName, Result } from '../../../schemas/method.js';
import type { CallParams } from '../../api.js';
import { ClientError, RefusalError } from '../../errors.js';
import { callOnce } from '../../rpc.js';
import { Failure, refused } from '../exit.js';
import { readSecret, type Site } from './endpoint.js';
import { findPerson, forgetPerson, type KeptPerson, keepName, makePerson } from './identity.js';

/** Who a shell speaks for: an agent whose runtime set the environment, or a person by name. */
export type Who = { agent: string; secretFile: string } | { person: string };

export interface ReachOptions {
  site: Site;
  who: Who;
  /** Where the identities of this mesh lie. */
  identities: string;
  circle?: string;
  say(line: string): void;
}

type Call = <M extends MethodName>(
  method: M,
  params: CallParams<M>,
  wait_ms?: number,
) => Promise<Result<M>>;

export interface Reach {
  readonly site: Site;
  /** Calls for what needs no peer: with the token, or in an agent's shell as the agent. */
  read: Call;
  /** Calls as this shell's peer; a person not known to the broker joins first. */
  speak: Call;
  /** Joins, or comes back as the peer one was. An agent's runtime joins for it: a Failure. */
  join(profile: { path?: string; project?: string }): Promise<Result<'peer.join'>>;
  /** The person's identity if there is one already; undefined in an agent's shell. */
  person(): Promise<KeptPerson | undefined>;
  /** Notes the name the mesh gave the person. */
  named(name: string): Promise<void>;
  /** The credential for what needs no peer, for a connection that stays. */
  credential(): Promise<string>;
}

export function openReach(options: ReachOptions): Reach {
  const { site, who, identities } = options;
  const person = async () =>
    'person' in who ? await findPerson(identities, who.person) : undefined;
  const credential = () => ('agent' in who ? agentCredential(who) : tokenCredential(site));
  const call = async <M extends MethodName>(bearer: string, ...rest: CallRest<M>) =>
    settled(site.url, bearer, ...rest);
  return {
    site,
    credential,
    person,
    read: async (...rest) => call(await credential(), ...rest),
    speak: async (...rest) =>
      'agent' in who
        ? call(await agentCredential(who), ...rest)
        : speakAsPerson(options, who.person, bearer => call(bearer, ...rest)),
    join: async profile => {
      if ('person' in who) return joinAnew(options, who.person, profile);
      throw new Failure('usage', `this shell speaks for ${who.agent}, which joins by its runtime`, {
        hint: 'unset SIGNALBOX_PEER to speak as a person',
      });
    },
    named: async name => {
      const kept = await person();
      if (kept !== undefined) await keepName(kept, name);
    },
  };
}

async function agentCredential(who: { agent: string; secretFile: string }): Promise<string> {
  return `${who.agent}.${await readSecret(who.secretFile, 'secret')}`;
}

async function tokenCredential(site: Site): Promise<string> {
  if (site.tokenFile !== undefined) return readSecret(site.tokenFile, 'token');
  throw new Failure('unauthorised', `no token for ${site.url}`, {
    hint: 'give --token-file FILE or set SIGNALBOX_TOKEN_FILE; `signalbox up` names the file',
  });
}

async function speakAsPerson<T>(
  options: ReachOptions,
  name: string,
  call: (bearer: string) => Promise<T>,
): Promise<T> {
  const known = await findPerson(options.identities, name);
  const person = known ?? (await makePerson(options.identities, name));
  const bearer = `${person.peer}.${person.secret}`;
  if (known === undefined) await joinAs(options, person, {});
  try {
    return await call(bearer);
  } catch (error) {
    // The broker does not know the peer: it has left, or this is another log under the same name.
    if (!(error instanceof RefusalError) || error.refusal !== 'unauthorized') throw error;
    await joinAs(options, person, {});
    return call(bearer);
  }
}

async function joinAnew(
  options: ReachOptions,
  name: string,
  profile: { path?: string; project?: string },
): Promise<Result<'peer.join'>> {
  const make = () => makePerson(options.identities, name);
  const person = (await findPerson(options.identities, name)) ?? (await make());
  try {
    return await joinAs(options, person, profile);
  } catch (error) {
    if (!(error instanceof Failure) || error.refusal !== 'peer_retired') throw error;
    await forgetPerson(person);
    return joinAs(options, await make(), profile);
  }
}

async function joinAs(
  options: ReachOptions,
  person: KeptPerson,
  profile: { path?: string; project?: string },
): Promise<Result<'peer.join'>> {
  const { site, circle } = options;
  const { peer, secret, name } = person;
  const place = { machine: hostname().slice(0, limits.label_chars), ...profile };
  const params = {
    name,
    peer,
    secret,
    role: 'human' as const,
    ...place,
    ...(circle && { circle }),
  };
  const token = await tokenCredential(site);
  const joined = await settled(site.url, token, 'peer.join', params).catch(error => {
    if (!(error instanceof RefusalError) || error.refusal !== 'peer_retired') throw error;
    const hint = 'take a new identity with: signalbox join';
    throw refused('peer_retired', `the identity ${name} was retired by an operator`, hint);
  });
  if (joined.renamed) options.say(joined.warning ?? `the name ${name} is taken: ${joined.name}`);
  await keepName(person, joined.name);
  return joined;
}

type CallRest<M extends MethodName> = [method: M, params: CallParams<M>, wait_ms?: number];

/** Calls; what may succeed later or is unknown is repeated a few times under the same id. */
async function settled<M extends MethodName>(
  url: string,
  credential: string,
  method: M,
  params: CallParams<M>,
  wait_ms: number = limits.call_wait_ms,
): Promise<Result<M>> {
  let sent = params;
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await callOnce({ url, credential, wait_ms }, method, sent);
      return notVoid(method, result);
    } catch (error) {
      if (attempt === limits.cli_tries || !canRepeat(error)) throw error;
      if (error instanceof ClientError && error.id) sent = { ...params, id: error.id };
      await sleep(limits.cli_retry_ms * attempt);
    }
  }
}

function canRepeat(error: unknown): boolean {
  if (error instanceof RefusalError) return error.retry;
  return error instanceof ClientError && ['timeout', 'unreachable'].includes(error.code);
}

/** A command that lost to another in the log took no effect: for its caller that is a refusal. */
function notVoid<M extends MethodName>(method: M, result: Result<M>): Result<M> {
  if (!('verdict' in result) || result.verdict !== 'void') return result;
  const reason = result.reason ?? 'void';
  throw refused(reason, `${method} took no effect: ${reason}`);
}
