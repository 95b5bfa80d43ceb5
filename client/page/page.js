// The dashboard's one program: a session over WebSocket, the peers as rows, the log as lines.

import { WaitingList } from './waiting.js';

const LINES_MAX = 500;
const PEERS_EVERY_MS = 2_000;
const RETRY_MS = 1_000;

const names = new Map();
let cursor = 'start';
let calls = 0;
/** The broker's time less this page's monotonic one. */
let ahead = Date.now() - performance.now();
let send = () => Promise.reject(new Error('The broker is away; nothing was sent.'));

const now = () => ahead + performance.now();
const waiting = new WaitingList({
  nameOf: peer => names.get(peer) ?? peer,
  now,
  close: async params => {
    const closed = await send('ask.close', { id: commandId(), ...params });
    // It reached the log and lost there.
    if (closed.verdict !== 'applied') throw new Error(`It was decided before: ${closed.reason}.`);
    return closed;
  },
});
setInterval(() => waiting.draw(), 1_000);

/** A uuid of version 7, on the broker's time: the same id again would be the same decision. */
function commandId() {
  const time = Math.round(now()).toString(16).padStart(12, '0');
  const [, , third, fourth, last] = crypto.randomUUID().split('-');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${third.slice(1)}-${fourth}-${last}`;
}

/** The code of the link, once; after that the code that the last session left for a reconnect. */
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code) {
    history.replaceState(null, '', location.pathname);
    return code;
  }
  return sessionStorage.getItem('resume') ?? '';
}

function say(text) {
  document.getElementById('state').textContent = text;
}

function connect(code) {
  if (code === '') {
    say('no session: run `signalbox open` for a new link');
    return;
  }
  const socket = new WebSocket(`ws://${location.host}/ws`, 'signalbox.v1.json');
  const answers = new Map();
  let timer;
  let subscription;
  let isRefused = false;
  const call = (method, params) => {
    const id = ++calls;
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
  };
  const refresh = () =>
    call('peer.list', { circle: '*', offline: true, self: true, max: 1000 }).then(showPeers);
  socket.onopen = async () => {
    try {
      const { resume, time } = await call('session.start', { code });
      ahead = time - performance.now();
      sessionStorage.setItem('resume', resume);
      const { mesh, durability } = await call('mesh.info', {});
      const me = await call('peer.whoami', {});
      await refresh();
      if (me.role === 'human') subscription = await watchAsks(call, me.peer);
      const who = me.name ? `${me.name} (${me.role})` : 'reading only: signalbox open --as NAME';
      say(`mesh ${mesh}, durability ${durability}, ${who}, live`);
      await call('log.observe', { from: cursor });
      timer = setInterval(() => refresh().catch(() => {}), PEERS_EVERY_MS);
    } catch (error) {
      isRefused = true;
      say(error.message);
    }
  };
  socket.onmessage = ({ data }) => {
    for (const frame of [JSON.parse(data)].flat()) {
      if (frame.method === 'log.records') showRecords(frame.params);
      if (frame.method === 'view.changes' && frame.params.subscription === subscription) {
        waiting.change(frame.params.changes);
      }
      const called = answers.get(frame.id);
      answers.delete(frame.id);
      if (frame.error) called?.reject(new Error(frame.error.message));
      else called?.resolve(frame.result);
    }
  };
  socket.onclose = () => {
    clearInterval(timer);
    waiting.live(false);
    for (const { reject } of answers.values()) reject(new Error('The broker went away.'));
    if (isRefused) return;
    say('the broker is away; trying again');
    setTimeout(() => connect(sessionStorage.getItem('resume') ?? ''), RETRY_MS);
  };
}

/** From here on the list is true, and what is pressed is sent by this connection. */
async function watchAsks(call, me) {
  const where = { to: me, state: 'open' };
  const { subscription, rows } = await call('view.watch', { view: 'asks', where });
  send = call;
  waiting.reset(rows);
  waiting.live(true);
  return subscription;
}

function cell(text) {
  const td = document.createElement('td');
  td.textContent = text;
  return td;
}

function showPeers({ rows }) {
  const lines = rows.map(row => {
    names.set(row.peer, row.name);
    const tr = document.createElement('tr');
    const cells = [row.name, row.circle, row.role, row.status, row.queued, row.description ?? ''];
    tr.append(...cells.map(cell));
    return tr;
  });
  document.getElementById('peers').replaceChildren(...lines);
}

function showRecords({ records, to }) {
  cursor = to;
  const log = document.getElementById('log');
  for (const [, time, event, reason] of records) {
    if (event?.type === 'peer.joined') names.set(event.peer, event.name);
    const line = document.createElement('li');
    line.textContent = describe(time, event, reason);
    if (reason) line.className = 'void';
    log.prepend(line);
  }
  while (log.childElementCount > LINES_MAX) log.lastElementChild.remove();
}

function describe(time, event, reason) {
  const clock = new Date(time).toLocaleTimeString();
  if (event === null) return `${clock} (${reason})`;
  const who = names.get(event.by) ?? event.by;
  const whom = event.to ? ` → ${names.get(event.to) ?? event.to}` : '';
  const text = event.text ? `: ${event.text}` : '';
  return `${clock} ${who}${whom} ${event.type}${text}${reason ? ` (void: ${reason})` : ''}`;
}

connect(takeCode());
