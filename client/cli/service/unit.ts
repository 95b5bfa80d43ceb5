// The unit of a systemd user service, as text: every word quoted so that systemd reads it back.
import { SERVICE_MARK, type ServicePlan } from './plan.js';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html */
export function unitText({ words, env, mesh }: ServicePlan): string {
  return [
    '[Unit]',
    `Description=Signalbox, the message broker (mesh ${mesh})`,
    'StartLimitIntervalSec=60',
    'StartLimitBurst=5',
    '',
    '[Service]',
    `ExecStart=${execLine(words)}`,
    ...Object.entries(env).map(([name, value]) => `Environment=${quotedWord(`${name}=${value}`)}`),
    'UMask=0077',
    'Restart=on-failure',
    'RestartSec=2',
    '# Wrong options (2) and missing rights (4) mend themselves by no restart.',
    'RestartPreventExitStatus=2 4',
    '# The broker ends its nats-server itself, once the last commit is written.',
    'KillMode=mixed',
    'TimeoutStopSec=30',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** The program and its arguments; variables are left alone where a word has a dollar sign. */
function execLine(words: readonly string[]): string {
  const [program = ''] = words;
  // systemd takes no program with quotes in its path, however it is written; a shell does.
  const shell = ['/bin/sh', '-c', 'exec "$0" "$@"'];
  const all = /^\/[^'"\\\p{Cc}]*$/u.test(program) ? words : [...shell, ...words];
  const verbatim = all.some(word => word.includes('$')) ? ':' : '';
  return `${verbatim}${all.map(quotedWord).join(' ')}`;
}

/** A word as systemd reads it: in quotes with C escapes where it needs them, no specifiers. */
export function quotedWord(word: string): string {
  const plain = word.replaceAll('%', '%%');
  if (/^[\w/.,:=@+%-]+$/.test(plain)) return plain;
  const escaped = plain.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, character => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}

/** The first line of a unit that is ours, with a digest of all that follows it. */
export function unitMark(digest: string, made: number): string {
  return `# ${SERVICE_MARK} ${digest} ${made}`;
}
