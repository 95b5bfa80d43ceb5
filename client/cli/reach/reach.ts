// Calls in this shell's name: its agent's, its peer's, or where neither is there a token's.
import type { Result } from '../../../schemas/method.js';
import type { Look } from '../../sdk/waiting.js';
import { Failure } from '../../terminal/exit.js';
import { type AnyCall, type Speak, settled } from './calls.js';
import { readSecret, type Site } from './endpoint.js';
import type { KeptPerson } from './identity.js';
import type { Wish } from './joining.js';
import { logDirectory } from './paths.js';
import { Self } from './self.js';
import type { Who } from './who.js';

/** What calls in a shell's name need to know. */
export interface ReachOptions {
  site: Site;
  who: Who;
  /** Where the identities of all logs lie. */
  state(): string;
  /** Where the shell stands; absent for a peer that stands elsewhere. */
  directory?: string;
  circle?: string;
  say(line: string): void;
}

/** The broker, as this shell may call it. */
export interface Reach {
  readonly site: Site;
  /** True in the shell of an agent whose own program joined for it. */
  readonly isAgent: boolean;
  /** Calls for what needs no peer: with the token, or in an agent's shell as the agent. */
  read: AnyCall;
  /** Looks as this shell's peer, or with the token while it has none. Never joins. */
  look: Look;
  /** Calls as this shell's peer; one that has not joined does so first, and is told. */
  speak: Speak;
  /** Calls as this shell's peer; a Failure when it has none. Never joins. */
  own: AnyCall;
  /** Joins, or comes back as the peer one was. An agent's runtime joins for it: a Failure. */
  join(wish: Wish): Promise<Result<'peer.join'>>;
  /** Stops taking part. */
  leave(): Promise<Result<'peer.leave'>>;
  /** The identity kept here, if there is one; undefined in an agent's shell. */
  person(): Promise<KeptPerson | undefined>;
  /** Why this shell speaks for nobody just now. */
  absence(): Promise<Failure>;
  /** Notes the name the mesh gave. */
  named(name: string): Promise<void>;
  /** The credential for what needs no peer, for a connection that stays. */
  credential(): Promise<string>;
  /** Where what belongs to this log is kept. */
  room(): Promise<string>;
}

/** Calls in the name of an agent's shell, or of a person's. */
export function openReach(options: ReachOptions): Reach {
  const { who } = options;
  return 'agent' in who ? agentReach(options, who) : selfReach(new Self({ ...options, who }));
}

function selfReach(self: Self): Reach {
  return {
    site: self.site,
    isAgent: false,
    credential: () => self.token(),
    room: () => self.room(),
    person: () => self.person(),
    read: async (...rest) => self.call(await self.token(), ...rest),
    look: (...rest) => self.look(...rest),
    speak: (...rest) => self.speak(...rest),
    own: (...rest) => self.own(...rest),
    join: wish => self.join(wish),
    leave: () => self.leave(),
    absence: () => self.absence(),
    named: name => self.named(name),
  };
}

function agentReach(
  { site, state }: ReachOptions,
  { agent, secretFile }: { agent: string; secretFile: string },
): Reach {
  const credential = async () => `${agent}.${await readSecret(secretFile, 'secret')}`;
  const call: AnyCall = async (...rest) => settled(site.brokers, await credential(), ...rest);
  const joinsItself = new Failure(
    'usage',
    `this shell speaks for ${agent}, which joins by its runtime`,
    { hint: 'unset SIGNALBOX_PEER to speak as a person' },
  );
  return {
    site,
    isAgent: true,
    credential,
    room: async () => {
      const log = site.log ?? (await call('mesh.info', {})).log;
      return logDirectory(state(), log);
    },
    person: async () => undefined,
    read: call,
    look: call,
    speak: call,
    own: call,
    join: async () => {
      throw joinsItself;
    },
    leave: () => call('peer.leave', {}),
    absence: async () => joinsItself,
    named: async () => {},
  };
}
