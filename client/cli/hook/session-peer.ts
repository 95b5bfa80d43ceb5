// The peer of an agent's session, as its hooks find it: by the rules that its shells go by.
import { constants, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Adapter, HookInput } from '../../runtimes/adapter.js';
import type { Surroundings } from '../cli.js';
import { chooseBroker } from '../config/choice.js';
import { demandSound, readSettings } from '../config/settings.js';
import { dropOldNotes, hostOf, startOf, writeNote } from '../mcp/session-note.js';
import { findSite, readSecret, type Site } from '../reach/endpoint.js';
import { findLeft, findPerson, type KeptPerson } from '../reach/identity.js';
import { roomsIn, userPaths } from '../reach/paths.js';
import { demandNoHuman, type Habits, habitsIn, type Speaker, whoSpeaks } from '../reach/who.js';
import type { Stdin } from '../text.js';

/** Who speaks for a session, and where what is kept of it lies. */
export interface SessionPeer {
  site: Site;
  peer: string;
  credential: string;
  /** The room of its log. */
  room: string;
  /** Its identity, where that is kept here. */
  kept?: KeptPerson;
  /** Of a fork: the name of its parent. */
  forkOf?: string;
}

/** The world of a hook, whose output must be whole before it ends. */
export interface HookWorld extends Surroundings {
  stdin: Stdin;
  /** By when the broker has to have answered, in ms of this process's monotonic clock. */
  until_ms: number;
  /** How long it may take to say how the turn stands, once the mail is written. */
  follow_ms: number;
  /** What the runtime reads. Throws when nobody reads. */
  print(text: string): void;
  /** What the runtime shows its model for a wake. */
  warn(text: string): void;
  /** Aborted when nobody waits for a decision any more. */
  ended?: AbortSignal;
}

/** Where a hook stands: what the process found, and the runtime that runs it. */
export interface HookPlace {
  world: Surroundings;
  adapter: Adapter;
  input: HookInput;
  /** The broker that setup was told of. */
  context?: string;
}

/** The broker that a session in a folder means, and what the config files there say. */
async function placeOf({ env, home }: Surroundings, directory: string, context?: string) {
  const paths = userPaths(env, home);
  const settings = readSettings({ env, directory, ...(home !== undefined && { home }) });
  demandSound(settings);
  const typed = context === undefined ? {} : { context };
  const site = await findSite(chooseBroker(typed, env, settings), env, paths);
  return { site, state: paths.state, habits: habitsIn(settings) };
}

/** The URL of the broker that hooks speak to. Throws a Failure where there is none. */
export async function meantBroker(world: Surroundings, context?: string): Promise<string> {
  return (await placeOf(world, world.directory, context)).site.url;
}

/** Finds who speaks for a session without asking anybody, joining for it, or both. */
export class PeerFinder {
  readonly #site: Site;
  readonly #place: HookPlace;
  readonly #state: string;
  readonly #habits: Habits;

  private constructor(site: Site, place: HookPlace, state: string, habits: Habits) {
    this.#site = site;
    this.#place = place;
    this.#state = state;
    this.#habits = habits;
  }

  /** Throws a Failure where no broker is named and none runs here, or a config file has a fault. */
  static async open({ context, ...place }: HookPlace): Promise<PeerFinder> {
    const { world, input } = place;
    const found = await placeOf(world, input.directory ?? world.directory, context);
    return new PeerFinder(found.site, place, found.state, found.habits);
  }

  /** The identity that is kept here; undefined for a session that has yet to join, or has left. */
  async find(): Promise<SessionPeer | undefined> {
    const who = this.#who();
    if ('agent' in who) {
      const credential = `${who.agent}.${await readSecret(who.secretFile, 'secret')}`;
      const room = (await this.#rooms())[0] ?? this.#state;
      return { site: this.#site, peer: who.agent, credential, room };
    }
    for (const room of await this.#rooms()) {
      const kept = await findPerson(room, who.key);
      demandNoHuman(who, kept?.profile?.role);
      if (kept?.profile !== undefined && this.#isHere(kept)) return this.#peer(kept, room);
    }
    return undefined;
  }

  /** Joins for the session, or comes back; undefined for one that has left by its own word. */
  async join(): Promise<SessionPeer | undefined> {
    const who = this.#who();
    if ('agent' in who) return undefined;
    const { Self } = await import('../reach/self.js');
    const { directory } = this.#world();
    const state = () => this.#state;
    const self = new Self({ site: this.#site, who, state, directory, say() {} });
    const room = await self.room();
    if ((await findLeft(room, who.key)) !== undefined) return undefined;
    await this.#follow(who, room);
    await self.join({});
    const kept = await self.person();
    return kept && this.#peer(kept, room);
  }

  /** Notes which session this process is at, for the one that follows when it is cleared. */
  async note({ room, peer }: SessionPeer): Promise<void> {
    const who = this.#who();
    await this.#noteSession(room, peer);
    const file = this.#noteFile(room);
    if (file !== undefined && 'key' in who) {
      await writeFile(file, `${who.key} ${startOf(this.#pid)}`, { mode: 0o600 });
    }
    await dropOldNotes(room).catch(() => {});
  }

  /** What the runtime started beside its hooks may not be told which session it is of. */
  async #noteSession(room: string, peer: string): Promise<void> {
    const { world, adapter, input } = this.#place;
    if (adapter.wake === undefined) return;
    const { CODEX_HOME: home } = world.env;
    const note = { session: input.session, peer, ...(home && { home }) };
    await writeNote(room, hostOf(world.env), note);
  }

  /**
   * A cleared session goes on in the same process under a new id: it stays the peer that it was.
   * The identity lies under both, as what was started before knows only the former.
   */
  async #follow({ key }: Speaker, room: string): Promise<void> {
    const file = this.#noteFile(room);
    if (file === undefined || this.#place.input.cause !== 'clear') return;
    const former = await this.#noted(file);
    if (former === undefined || former === key) return;
    const [from, to] = [join(room, `${former}.json`), join(room, `${key}.json`)];
    await copyFile(from, to, constants.COPYFILE_EXCL).catch(() => {});
  }

  /** The key in a note; none in that of an earlier process which had the number. */
  async #noted(file: string): Promise<string | undefined> {
    const [key = '', start = ''] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    return isKey(key) && start === startOf(this.#pid) ? key : undefined;
  }

  #noteFile(room: string): string | undefined {
    return this.#pid === '' ? undefined : join(room, `_process-${this.#pid}`);
  }

  /** Of the runtime; empty where it does not say. */
  get #pid(): string {
    const { CLAUDE_PID = '' } = this.#place.world.env;
    return /^\d+$/.test(CLAUDE_PID) ? CLAUDE_PID : '';
  }

  /** Whom the session of this process was, or the one that it was told to go on from. */
  async parent(): Promise<KeptPerson | undefined> {
    const own = this.#who();
    if ('agent' in own) return undefined;
    // Loaded late: forks are rare.
    const { commandOf } = await import('../reach/process.js');
    const forked = forkedIn((await commandOf(Number(this.#pid))) ?? '');
    const other = forked === undefined ? undefined : this.#who(forked);
    for (const room of await this.#rooms()) {
      const file = this.#noteFile(room);
      const noted = file === undefined ? undefined : await this.#noted(file);
      const former = noted ?? (other && 'key' in other ? other.key : own.key);
      if (former !== own.key) return findPerson(room, former);
    }
    return undefined;
  }

  #peer(kept: KeptPerson, room: string): SessionPeer {
    const { peer, secret, fork_of: forkOf } = kept;
    const found = { site: this.#site, peer, credential: `${peer}.${secret}`, room, kept };
    return forkOf === undefined ? found : { ...found, forkOf };
  }

  /** The rooms in which the identity may lie: that of the log, where it is known. */
  async #rooms(): Promise<string[]> {
    return roomsIn(this.#state, this.#site.log);
  }

  #isHere({ place }: KeptPerson): boolean {
    return this.#site.log !== undefined || place === this.#site.brokers.urls.join(',');
  }

  #who(session?: string) {
    return whoSpeaks(this.#world(session), undefined, this.#habits);
  }

  #world(session?: string): Surroundings {
    return shellWorld(this.#place, session);
  }
}

/** The world as a shell of a session sees it, and of no other that this one runs within. */
export function shellWorld(
  { world, adapter, input }: HookPlace,
  session = input.session,
): Surroundings {
  const mine = Object.entries(world.env).filter(([name]) => /^(?:SIGNALBOX|XDG)_/.test(name));
  const env = { ...Object.fromEntries(mine), ...adapter.shell(session) };
  return { ...world, env, directory: input.directory ?? world.directory };
}

/** True for the key of an identity that nobody named. */
function isKey(text: string): boolean {
  return /^_[0-9a-f]+$/.test(text);
}

/** The session that a command line resumes. */
function forkedIn(command: string): string | undefined {
  return /(?:--resume|-r)[ =]([0-9a-f-]{36})\b/.exec(command)?.[1];
}
