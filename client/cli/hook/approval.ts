// Approval from afar: a permission question of a coding agent, asked of people and waited for.
import type { Thread } from '../../../schemas/ask.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { PeerRow } from '../../../schemas/peer.js';
import { type Decision, decisionOf } from '../../runtimes/approvals/decision.js';
import {
  permissionQuestion,
  permissionText,
  readAskedTool,
} from '../../runtimes/approvals/question.js';
import type { ApprovalTerms } from '../../runtimes/approvals/terms.js';
import { isAskedAbout, readPattern } from '../../runtimes/approvals/tool-pattern.js';
import { RefusalError, refused } from '../../sdk/errors.js';
import { mintId } from '../../sdk/identity.js';
import { mayRepeat, rest } from '../../sdk/retry.js';
import { age_ms } from './age.js';
import { dropMark, putMark } from './approval-marks.js';
import { type PostAnswer, type PostCall, postCalls } from './post-calls.js';
import { hooksDirectory } from './session-files.js';
import { type HookPlace, type HookWorld, PeerFinder, type SessionPeer } from './session-peer.js';

type Place = HookPlace & { world: HookWorld };

/**
 * Asks people whether a tool may run, waits, and prints what was decided; prints nothing where
 * nobody decided, so that the runtime asks by itself. Throws for whatever went wrong, with the
 * same effect. Leave is printed for one thing only: a person's answer that stands in the log.
 */
export async function askApproval(
  place: Place,
  terms: ApprovalTerms,
  stdin: string,
): Promise<void> {
  const { adapter, input, world } = place;
  const call = readAskedTool(stdin);
  const patterns = terms.tools.flatMap(tool => readPattern(tool) ?? []);
  if (call === undefined || adapter.decide === undefined || !isAskedAbout(patterns, call)) return;
  const { runtime } = adapter;
  const text = permissionText(call, { runtime, ...input, subagent: call.subagent });
  if (text === undefined) throw new Error('too long to be shown whole; the question stays here');
  const finder = await PeerFinder.open(place);
  const me = (await finder.find()) ?? (await finder.join());
  if (me === undefined) return;
  const approval = new Approval(place, me, terms);
  try {
    await approval.ask(text);
    const decision = await approval.decision();
    if (decision.is === 'allowed' || decision.is === 'denied') {
      const denied = decision.is === 'denied' ? decision.message : undefined;
      world.print(JSON.stringify(adapter.decide(input.event, denied)));
    }
  } finally {
    await approval.close();
  }
}

class Approval {
  readonly #place: Place;
  readonly #me: SessionPeer;
  readonly #terms: ApprovalTerms;
  readonly #ended: AbortSignal;
  #mark: string | undefined;
  #asks: string[] = [];
  /** The asks that are open as far as is known. */
  #open: string[] = [];
  #people: string[] = [];
  #text = '';

  constructor(place: Place, me: SessionPeer, terms: ApprovalTerms) {
    this.#place = place;
    this.#me = me;
    this.#terms = terms;
    this.#ended = place.world.ended ?? new AbortController().signal;
  }

  /** Opens an ask for each person. Throws where none may be asked. */
  async ask(text: string): Promise<void> {
    const { people, now } = await this.#find();
    this.#people = people;
    this.#text = text;
    const ids = people.map(() => mintId(now));
    this.#asks = ids.map(id => `ask_${id}`);
    const { session, subagent: agent = '' } = this.#place.input;
    const mark = { asks: this.#asks, session, agent, pid: process.pid };
    this.#mark = putMark(hooksDirectory(this.#me.room, this.#me.peer), ids[0]!, mark);
    this.#open = this.#asks;
    const asked = { text, question: permissionQuestion, deadline_at: `${this.#terms.deadline_s}s` };
    const calls = people.map((to, at) => ({
      method: 'ask.open' as const,
      params: { id: ids[at], to, ...asked },
    }));
    const { results } = await this.#post([...calls, ...this.#turn('awaiting_input')]);
    const refused = new Set(
      results.slice(0, ids.length).flatMap((each, at) => {
        return each instanceof RefusalError || isVoid(each) ? [this.#asks[at]] : [];
      }),
    );
    this.#open = this.#asks = this.#asks.filter(ask => !refused.has(ask));
    const error = results[0];
    if (this.#asks.length === 0) throw error instanceof Error ? error : new Error('not asked');
  }

  /** Resolves once it is decided, or is clear that nobody will decide. */
  async decision(): Promise<Decision> {
    const until = age_ms() + (this.#terms.deadline_s + limits.approval_late_s) * 1_000;
    let silent: number | undefined;
    while (!this.#ended.aborted) {
      try {
        const decision = await this.#look();
        if (decision.is !== 'open') return decision;
        silent = undefined;
        const left_ms = until - age_ms();
        if (left_ms <= 0) break;
        await this.#wait(left_ms);
      } catch (error) {
        if (this.#ended.aborted) break;
        if (error instanceof RefusalError && !mayRepeat(error)) throw error;
        // A broker may start anew; one that stays away leaves the question to the runtime.
        silent ??= age_ms();
        if (age_ms() - silent >= limits.approval_patience_ms) throw error;
        await rest(limits.approval_retry_ms);
      }
    }
    return { is: 'none' };
  }

  /** Takes back what is still open: nobody waits for it any more. */
  async close(): Promise<void> {
    if (this.#mark === undefined) return;
    const cancels = this.#open.map(ask => ({
      method: 'ask.close' as const,
      params: { ask, outcome: 'cancelled' },
    }));
    const signal = AbortSignal.timeout(limits.approval_close_ms);
    // What was answered is no mail for the model: it hears of it by what it may do.
    const seen = { method: 'inbox.ack' as const, params: { refs: this.#asks } };
    const calls = [...cancels, ...(this.#asks.length > 0 ? [seen] : []), ...this.#turn('working')];
    try {
      if (calls.length > 0) await this.#send(calls, signal);
      dropMark(this.#mark);
    } catch {
      // The mark stays, and a later hook of the session takes them back.
    }
  }

  /** Whom to ask: the person named, else each that is connected; and mesh time in ms UTC. */
  async #find(): Promise<{ people: string[]; now: number }> {
    const rows: PeerRow[] = [];
    let after: string | undefined;
    let now = 0;
    do {
      const params = { offline: true, ...(after && { after }) };
      const answer = await this.#post([{ method: 'peer.list', params }]);
      const page = resultOf<{ rows: PeerRow[]; next?: string }>(answer.results[0]);
      rows.push(...page.rows.filter(({ role }) => role === 'human'));
      ({ now } = answer);
      after = page.next;
    } while (after !== undefined);
    const { approver } = this.#terms;
    const others = rows.filter(({ peer }) => peer !== this.#me.peer);
    const meant = others.filter(({ name, peer, status }) =>
      approver === undefined ? status !== 'offline' : approver === name || approver === peer,
    );
    if (meant.length === 0) {
      throw new Error(
        approver === undefined
          ? 'nobody of role human is connected; the question stays here'
          : `there is no peer ${approver} of role human; the question stays here`,
      );
    }
    if (approver !== undefined && meant.length > 1) {
      throw new Error(`several people are called ${approver}; name one by id in setup`);
    }
    return { people: meant.slice(0, limits.approval_humans_items).map(({ peer }) => peer), now };
  }

  /** All answers so far and, by the same broker's word, who of those asked is human now. */
  async #look(): Promise<Decision> {
    const looks = this.#asks.map(ask => ({ method: 'ask.get' as const, params: { ask } }));
    const peers = { peers: this.#people, offline: true };
    const { results } = await this.#post([...looks, { method: 'peer.list', params: peers }]);
    const threads = results.slice(0, looks.length).map(each => resultOf<Thread>(each));
    // Leave for other words, as where an ask of this id was opened before ours, is none for these.
    if (threads.some(({ ask, text }, at) => ask !== this.#asks[at] || text !== this.#text)) {
      throw new RefusalError(refused('ask_unknown', 'the log holds another question than this'));
    }
    const { rows } = resultOf<{ rows: PeerRow[] }>(results.at(-1));
    const humans = new Set(rows.filter(({ role }) => role === 'human').map(({ peer }) => peer));
    this.#open = threads.filter(({ state }) => state === 'open').map(({ ask }) => ask);
    return decisionOf(threads, peer => humans.has(peer));
  }

  /** Waits until one of the open asks is closed, for a while. */
  async #wait(left_ms: number): Promise<void> {
    const timeout_s = Math.min(limits.approval_slice_s, Math.max(0, left_ms / 1_000));
    const over = new AbortController();
    const late = AbortSignal.timeout(timeout_s * 1_000 + limits.approval_slice_more_ms);
    const signal = AbortSignal.any([over.signal, late, this.#ended]);
    const waits = this.#open.map(ask =>
      this.#send([{ method: 'ask.wait', params: { ask, timeout_s } }], signal),
    );
    try {
      await Promise.race(waits);
    } finally {
      over.abort();
      await Promise.allSettled(waits);
    }
  }

  /** What the session does; a subagent speaks for no turn. */
  #turn(state: 'awaiting_input' | 'working'): PostCall[] {
    if (this.#place.input.subagent !== undefined) return [];
    return [{ method: 'peer.turn', params: { state } }];
  }

  #post(calls: readonly PostCall[]): Promise<PostAnswer> {
    const late = AbortSignal.timeout(limits.approval_patience_ms);
    return this.#send(calls, AbortSignal.any([late, this.#ended]));
  }

  #send(calls: readonly PostCall[], signal: AbortSignal): Promise<PostAnswer> {
    const { site, credential } = this.#me;
    return postCalls({ brokers: site.brokers, credential, signal }, calls);
  }
}

function isVoid(result: object | undefined): boolean {
  return Object(result).verdict === 'void';
}

function resultOf<T>(result: object | undefined): T {
  if (result instanceof RefusalError) throw result;
  return result as T;
}
