// The waiting list of the page: asks to the person who opened it, permissions first, to decide.
//
// Words of peers become text nodes only. Nothing here decides: the log does, and says who was first.

/** A list that moves under a finger must not take the tap for another card. */
const STILL_MS = 500;
const FOLD_LINES = 12;
const FOLD_CHARS = 1_000;
const SOON_MS = 3_600_000;
const TOLD_MS = 5_000;

// What leaves no mark on a screen, or turns words around; who decides has to see it.
const UNSEEN = /(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

function visible(text) {
  return text.replace(UNSEEN, char => `\\u{${char.codePointAt(0).toString(16)}}`);
}

function element(name, text, more = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return Object.assign(made, more);
}

/** Permissions by deadline, then what ends within the hour, then the oldest first. */
function inHaste(rows, now) {
  const rank = ({ question, deadline_at = Infinity }) => {
    if (question?.kind === 'permission') return 0;
    return deadline_at - now < SOON_MS ? 1 : 2;
  };
  const until = ({ deadline_at = Number.MAX_SAFE_INTEGER }) => deadline_at;
  return rows.sort(
    (a, b) =>
      rank(a) - rank(b) || (rank(a) < 2 ? until(a) - until(b) : 0) || a.opened_at - b.opened_at,
  );
}

/**
 * The list in its section. `parts` has `nameOf`, which tells the name of a peer, `now`, the broker's
 * time, and `close`, which closes an ask and rejects with the broker's sentence.
 */
export class WaitingList {
  #parts;
  #rows = new Map();
  #cards = new Map();
  #order = '';
  #list = document.getElementById('asks');
  movedAt = 0;
  isLive = false;

  constructor(parts) {
    this.#parts = parts;
  }

  /** All rows there are: the list of a new connection. */
  reset(all) {
    document.getElementById('waiting').hidden = false;
    this.#rows = new Map(all);
    this.draw();
  }

  /** What became of rows. */
  change(changes) {
    for (const [ask, row] of changes) {
      if (row === null) this.#rows.delete(ask);
      else this.#rows.set(ask, row);
    }
    this.draw();
  }

  /** No decision is kept for later: without a broker nothing can be pressed. */
  live(isLive) {
    this.isLive = isLive;
    for (const card of this.#cards.values()) card.lock(false);
  }

  /** Also once a second, as times pass. Cards stay: what has the focus keeps it. */
  draw() {
    const sorted = inHaste([...this.#rows.values()], this.#parts.now());
    for (const row of sorted) {
      if (!this.#cards.has(row.ask)) this.#cards.set(row.ask, new Card(this, this.#parts, row));
    }
    const order = sorted.map(({ ask }) => ask).join();
    if (order !== this.#order) {
      this.#order = order;
      this.movedAt = performance.now();
      this.#list.replaceChildren(...sorted.map(({ ask }) => this.#cards.get(ask).item));
    }
    for (const [ask, card] of this.#cards) {
      if (this.#rows.has(ask)) card.tell();
      else this.#cards.delete(ask);
    }
    const { length } = sorted;
    const some = `${length} ${length === 1 ? 'waits' : 'wait'} for you`;
    const title = document.getElementById('waiting-title');
    title.textContent = length === 0 ? 'Nothing waits for you' : some;
    document.title = length === 0 ? 'Signalbox' : `(${length}) Signalbox`;
  }

  /** Says for a while what was decided; the next card has the focus, and never its leave. */
  decided(text) {
    const told = document.getElementById('told');
    told.textContent = text;
    setTimeout(() => {
      if (told.textContent === text) told.textContent = '';
    }, TOLD_MS);
    this.#list.querySelector('button:not(:disabled)')?.focus();
  }
}

/** One ask: who, since when, what the deadline will make of it, the words whole, the buttons. */
class Card {
  item = element('li');
  #list;
  #parts;
  #row;
  #card = element('article');
  #name = element('bdi');
  #facts = element('p', '', { className: 'facts' });
  #words;
  #buttons = element('p', undefined, { className: 'buttons' });
  #result = element('p', '', { className: 'result' });

  constructor(list, parts, row) {
    this.#list = list;
    this.#parts = parts;
    this.#row = row;
    const isPermission = row.question?.kind === 'permission';
    const title = element('h3');
    title.append(this.#name, isPermission ? ' asks for permission' : ' asks');
    this.#words = element('pre', visible(row.text));
    this.#result.setAttribute('role', 'status');
    this.#card.append(title, this.#facts, this.#words, this.#buttons, this.#result);
    this.item.append(this.#card);
    if (isPermission) this.#askPermission();
    else this.#buttons.append(`answer it with: signalbox reply ${row.ask} "…"`);
  }

  /** Deny stands first, and who has not seen the whole cannot let it run. */
  #askPermission() {
    const { text, question } = this.#row;
    const option = question.options?.find(({ id }) => id === 'allow') ?? question.options?.[0];
    const label = option?.label ?? 'Allow';
    const isLong = text.split('\n').length > FOLD_LINES || text.length > FOLD_CHARS;
    this.#words.className = isLong ? 'folded' : '';
    this.#add('Deny', () => this.#send('denied'));
    this.#add(isLong ? 'Read all first' : label, button => {
      if (this.#words.className === '') return this.#send('replied', option?.id);
      this.#words.className = '';
      this.#list.movedAt = performance.now();
      button.textContent = label;
    });
  }

  #add(label, act) {
    const button = element('button', label, { type: 'button' });
    button.addEventListener('click', () => {
      if (performance.now() - this.#list.movedAt >= STILL_MS) return act(button);
      this.#card.classList.remove('moved');
      requestAnimationFrame(() => this.#card.classList.add('moved'));
    });
    this.#buttons.append(button);
  }

  async #send(outcome, option) {
    this.lock(true);
    this.#result.textContent = 'sending …';
    try {
      const { position } = await this.#parts.close({ ask: this.#row.ask, outcome, option });
      const at = new Date(this.#parts.now()).toLocaleTimeString();
      const done = outcome === 'denied' ? 'Denied' : 'Allowed';
      this.#list.decided(`${done} by you · ${at} · position ${position}`);
    } catch (error) {
      this.#result.textContent = error.message;
      this.lock(false);
    }
  }

  lock(isLocked) {
    for (const button of this.#buttons.children) button.disabled = isLocked || !this.#list.isLive;
  }

  /** What changes by itself: the age, the time left, and a name that was not known before. */
  tell() {
    const { from, opened_at, deadline_at, question } = this.#row;
    const now = this.#parts.now();
    const minutes = Math.floor((now - opened_at) / 60_000);
    const parts = [minutes <= 0 ? 'just now' : `${minutes} min ago`];
    if (deadline_at !== undefined) {
      const ends = question?.kind === 'permission' ? 'denied' : 'expires';
      const clock = new Date(deadline_at).toLocaleTimeString([], { timeStyle: 'short' });
      const left = Math.ceil((deadline_at - now) / 1_000);
      const span = left > 90 ? `${Math.floor(left / 60)} min` : `${left} s`;
      parts.push(`${ends} at ${clock}${left > 0 ? `, in ${span}` : ''}`);
      if (left <= 0) this.#buttons.replaceChildren();
    }
    write(this.#facts, parts.join(' · '));
    write(this.#name, this.#parts.nameOf(from));
  }
}

/** A screen reader hears of what changed, and of nothing else. */
function write(into, text) {
  if (into.textContent !== text) into.textContent = text;
}
