// The dashboard's one program: a session over WebSocket, the peers as rows, the log as lines.

const LINES_MAX = 500;
const PEERS_EVERY_MS = 2_000;
const RETRY_MS = 1_000;

const names = new Map();
let cursor = 'start';
let calls = 0;

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
      const { resume } = await call('session.start', { code });
      sessionStorage.setItem('resume', resume);
      const { mesh, durability } = await call('mesh.info', {});
      say(`mesh ${mesh}, durability ${durability}, live`);
      await refresh();
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
      const waiting = answers.get(frame.id);
      answers.delete(frame.id);
      if (frame.error) waiting?.reject(new Error(frame.error.message));
      else waiting?.resolve(frame.result);
    }
  };
  socket.onclose = () => {
    clearInterval(timer);
    if (isRefused) return;
    say('the broker is away; trying again');
    setTimeout(() => connect(sessionStorage.getItem('resume') ?? ''), RETRY_MS);
  };
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
