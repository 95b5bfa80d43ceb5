// The peer of this shell: its identity, and what each kind of call makes of it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandName, MethodName, Result } from '../../../schemas/method.js';
import { RefusalError } from '../../sdk/errors.js';
import { Failure, refused } from '../../terminal/exit.js';
import { type CallRest, isLockedOut, settled } from './calls.js';
import { readSecret, type Site } from './endpoint.js';
import {
  adopt,
  findLeft,
  findPerson,
  forgetPerson,
  type KeptPerson,
  keepNews,
  makePerson,
  setAside,
  takeBack,
} from './identity.js';
import { joinAs, joinedText, type Wish } from './joining.js';
import { logDirectory } from './paths.js';
import { isPeerOnly } from './peer-methods.js';
import { claimStart } from './started.js';
import { demandNoHuman, type Speaker } from './who.js';

interface SelfParts {
  site: Site;
  who: Speaker;
  state(): string;
  /** Absent for a peer that stands elsewhere. */
  directory?: string;
  circle?: string;
  say(line: string): void;
}

/** The lists that are one's own for a peer, and everybody's for a token. */
const PERSONAL: ReadonlySet<MethodName> = new Set(['ask.list', 'schedule.list', 'review.queue']);

/** Who a person's shell speaks as: nobody yet, or the peer whose identity is kept here. */
export class Self {
  readonly site: Site;
  readonly #parts: SelfParts;
  #log: Promise<string> | undefined;
  #isTold = false;

  constructor(parts: SelfParts) {
    this.#parts = parts;
    this.site = parts.site;
  }

  async token(): Promise<string> {
    const { token, tokenFile, url } = this.site;
    if (token !== undefined) return token;
    if (tokenFile !== undefined) return readSecret(tokenFile, 'token');
    throw new Failure('unauthorised', `no token for ${url}`, {
      hint: 'give --token-file FILE or set SIGNALBOX_TOKEN_FILE; `signalbox up` names the file',
    });
  }

  call<M extends MethodName>(bearer: string, ...rest: CallRest<M>): Promise<Result<M>> {
    return settled(this.site.brokers, bearer, ...rest);
  }

  /** The directory of this log: what is known of one log says nothing of another. */
  async room(): Promise<string> {
    this.#log ??= this.site.log === undefined ? this.#askLog() : Promise.resolve(this.site.log);
    return logDirectory(this.#parts.state(), await this.#log);
  }

  async person(): Promise<KeptPerson | undefined> {
    const { who } = this.#parts;
    const room = await this.room();
    const kept =
      (await findPerson(room, who.key)) ??
      (await this.#madeBefore(room)) ??
      (await this.#movedWithTheLog(room));
    demandNoHuman(who, kept?.profile?.role);
    return kept;
  }

  /** The identity that whoever started this session made for it. */
  async #madeBefore(room: string): Promise<KeptPerson | undefined> {
    const { key, started } = this.#parts.who;
    if (started === undefined || !(await claimStart(room, started.spawn, key))) return undefined;
    return findPerson(room, key);
  }

  /** As it joins first: by the words of whoever started this session, if it is this one. */
  async #newcomerSelf(): Promise<Speaker> {
    const { who } = this.#parts;
    const { started, key } = who;
    if (started === undefined) return who;
    if (!(await claimStart(await this.room(), started.spawn, key))) return who;
    const { name = who.person, role = who.role, circle = who.circle } = started;
    return { ...who, person: name, role, ...(circle && { circle }) };
  }

  async look<M extends MethodName>(...rest: CallRest<M>): Promise<Result<M>> {
    const [method] = rest;
    const person = await this.person();
    if (person !== undefined) {
      try {
        return await this.call(credentialOf(person), ...rest);
      } catch (error) {
        if (!isLockedOut(error)) throw error;
      }
    }
    if (isPeerOnly(method)) throw await this.absence();
    if (PERSONAL.has(method)) await this.#sayAbsence();
    return this.call(await this.token(), ...rest);
  }

  async own<M extends MethodName>(...rest: CallRest<M>): Promise<Result<M>> {
    const person = await this.person();
    if (person === undefined) throw await this.absence();
    try {
      return await this.call(credentialOf(person), ...rest);
    } catch (error) {
      throw isLockedOut(error) ? await this.absence() : error;
    }
  }

  async speak<M extends CommandName>(...rest: CallRest<M>): Promise<Result<M>> {
    const person = await this.#newcomer();
    const bearer = credentialOf(person);
    if (person.profile === undefined) await this.#joinToSpeak(person);
    try {
      return await this.call(bearer, ...rest);
    } catch (error) {
      if (!isLockedOut(error)) throw error;
    }
    // It was retired without its doing, or the join was never answered.
    await this.#joinToSpeak(person);
    try {
      return await this.call(bearer, ...rest);
    } catch (error) {
      throw isLockedOut(error) ? tokenEnded(person) : error;
    }
  }

  async join(wish: Wish): Promise<Result<'peer.join'>> {
    demandNoHuman(this.#parts.who, wish.role);
    const person =
      (await this.person()) ?? (await this.#comeBack(wish)) ?? (await this.#newcomer());
    const circle = person.profile?.circle;
    if (wish.circle !== undefined && circle !== undefined && wish.circle !== circle) {
      throw new Failure('conflict', `${person.name} belongs to circle ${circle}, as peers do`, {
        hint: `join as another peer: --as NAME --circle ${wish.circle}; or first: signalbox leave`,
      });
    }
    try {
      return await this.#joinAs(person, wish);
    } catch (error) {
      if (!(error instanceof Failure) || error.refusal !== 'peer_retired') throw error;
      this.#parts.say(`${error.message}: joining as a new peer`);
      await forgetPerson(person);
      return this.#joinAs(await this.#newcomer(), wish);
    }
  }

  async leave(): Promise<Result<'peer.leave'>> {
    const left = await this.own('peer.leave', {});
    const person = await this.person();
    if (person !== undefined) await setAside(person);
    return left;
  }

  async named(name: string): Promise<void> {
    const person = await this.person();
    if (person !== undefined) await keepNews(person, { name });
  }

  async absence(): Promise<Failure> {
    const hint = 'take part with: signalbox join';
    const person = await this.person();
    if (person === undefined) {
      const left = await findLeft(await this.room(), this.#parts.who.key);
      if (left === undefined) return refused('peer_unknown', 'you have not joined', hint);
      const back = 'come back as the same peer: signalbox join';
      return refused('peer_unknown', `you have left, ${left.name} is gone`, back);
    }
    const { peer, secret, name } = person;
    const error = await this.#read('peer.attach', { peer, secret }).catch((error: Error) => error);
    if (error instanceof RefusalError && error.refusal === 'peer_retired') {
      const why = `${name} is retired: an operator ended it, or it was away for too long`;
      return refused('peer_retired', why, 'come back, or begin anew: signalbox join');
    }
    if (isLockedOut(error)) return refused('peer_unknown', `${name} is not on this mesh`, hint);
    return tokenEnded(person);
  }

  async #sayAbsence(): Promise<void> {
    if (this.#isTold) return;
    this.#isTold = true;
    const { message, hint } = await this.absence();
    this.#parts.say(`${message}: this is what the token sees; ${hint}`);
  }

  async #read<M extends MethodName>(...rest: CallRest<M>): Promise<Result<M>> {
    return this.call(await this.token(), ...rest);
  }

  async #askLog(): Promise<string> {
    return (await this.#read('mesh.info', {})).log;
  }

  /** The identity that is there, or a new one. */
  async #newcomer(): Promise<KeptPerson> {
    const known = await this.person();
    if (known !== undefined) return known;
    const { key, person: name } = await this.#newcomerSelf();
    return makePerson(await this.room(), key, { name, place: this.#place });
  }

  async #comeBack({ circle }: Wish): Promise<KeptPerson | undefined> {
    const left = await findLeft(await this.room(), this.#parts.who.key);
    if (left === undefined) return undefined;
    demandNoHuman(this.#parts.who, left.profile?.role);
    const isElsewhere = circle !== undefined && circle !== left.profile?.circle;
    return isElsewhere ? undefined : takeBack(left);
  }

  async #joinToSpeak(person: KeptPerson): Promise<void> {
    const { circle, say } = this.#parts;
    await this.#joinAs(person, person.profile === undefined && circle ? { circle } : {});
    const now = (await this.person()) ?? person;
    say(`joined as ${joinedText(now)}; signalbox leave ends that`);
  }

  async #joinAs(person: KeptPerson, wish: Wish): Promise<Result<'peer.join'>> {
    const { directory, say } = this.#parts;
    const who = person.profile === undefined ? await this.#newcomerSelf() : this.#parts.who;
    const joining = { brokers: this.site.brokers, token: await this.token(), who, say };
    const stands = directory === undefined ? {} : { directory };
    return joinAs({ ...joining, ...stands, place: this.#place }, person, wish);
  }

  get #place(): string {
    const { mesh, dataDir, brokers } = this.site;
    return mesh === undefined || dataDir === undefined ? brokers.urls.join(',') : dataDir;
  }

  /**
   * The identity of the log that was here before, if the broker knows its peer: after a loss was
   * accepted, the log goes on under a new id. Only to the broker it was made for is it shown.
   */
  async #movedWithTheLog(room: string): Promise<KeptPerson | undefined> {
    const { who } = this.#parts;
    const state = this.#parts.state();
    const logs = (await readdir(state).catch(() => [])).filter(name => name.startsWith('log_'));
    for (const log of logs) {
      const former = join(state, log);
      if (former === room) continue;
      const kept = await findPerson(former, who.key).catch(() => undefined);
      if (kept === undefined || kept.place !== this.#place) continue;
      if (!(await this.#isKnown(kept))) continue;
      await adopt(kept, room, who.key);
      return findPerson(room, who.key);
    }
    return undefined;
  }

  async #isKnown({ peer, secret }: KeptPerson): Promise<boolean> {
    const answer = await this.#read('peer.attach', { peer, secret }).catch((error: Error) => error);
    if (!(answer instanceof Error)) return true;
    return answer instanceof RefusalError && answer.refusal === 'peer_retired';
  }
}

function credentialOf({ peer, secret }: KeptPerson): string {
  return `${peer}.${secret}`;
}

function tokenEnded({ name, file }: KeptPerson): Failure {
  const hint = `begin anew: move ${file} away, then: signalbox join`;
  return refused('unauthorized', `the token that ${name} joined with has ended`, hint);
}
