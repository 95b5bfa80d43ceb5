// Values that only the broker or this user's files know: names of peers, ids, meshes, circles.
import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { shortId } from '../../terminal/short-id.js';
import { type Cli, openCli } from '../cli.js';
import { contextNames, LOCAL } from '../config/contexts.js';
import { keyNames } from '../config/keys.js';
import type { Reach } from '../reach/reach.js';
import type { Candidate, Expected } from './candidates.js';

type Values = Extract<Expected, { kind: 'values' }>;

/** The values that may stand there; none where nobody knows. */
export async function knownValues(
  cli: Cli,
  program: Command,
  words: readonly string[],
  { of, verb }: Values,
): Promise<Candidate[]> {
  if (of === 'mesh') return names(await readdir(cli.paths.data).catch(() => []));
  if (of === 'runtime' && verb === 'hook') return names(['claude-code', 'codex', 'gemini']);
  if (of === 'key' && verb === 'config') return names(keyNames);
  const isContext = of === 'context' || (of === 'name' && verb === 'context');
  if (isContext) return names([...contextNames(cli.paths.config), LOCAL]);
  if (of === 'zone') return names(Intl.supportedValuesOf('timeZone'));
  const look = sources[verb === 'token' && of === 'token' ? 'token' : of];
  return look === undefined ? [] : look(await reachOf(cli, program, words));
}

/** The broker that the unfinished line means; nobody joins for a look. */
function reachOf(cli: Cli, program: Command, words: readonly string[]): Promise<Reach> {
  const given: Record<string, string> = {};
  words.slice(0, -1).forEach((word, at) => {
    const option = program.options.find(({ long }) => word.split('=')[0] === long);
    const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1];
    if (option?.required && value) given[option.attributeName()] = value;
  });
  const { doubt: _, ...world } = cli.world;
  return openCli(world, { ...given, jsonl: true }, cli.settings).reach();
}

const max = limits.completion_rows;
/** Those who are away too: what is sent to them waits. */
const peers = async (reach: Reach) =>
  (await reach.read('peer.list', { circle: '*', offline: true, self: true, max })).rows;

const peerNames = async (reach: Reach) =>
  (await peers(reach)).map(({ name, status, description }) => {
    return { value: name, about: `${status} ${description ?? ''}` };
  });

const sources: Readonly<Record<string, (reach: Reach) => Promise<Candidate[]>>> = {
  to: peerNames,
  peer: peerNames,
  peers: peerNames,
  many: peerNames,
  as: peerNames,
  circle: async reach => names((await peers(reach)).map(({ circle }) => circle)),
  project: async reach => names((await peers(reach)).map(({ project }) => project ?? '')),
  ask: async reach =>
    (await reach.look('ask.list', { max })).rows.map(({ ask, text }) => idOf(ask, text)),
  job: async reach =>
    (await reach.read('job.list', { circle: '*', max })).rows.map(({ job, state, title }) =>
      idOf(job, `${state} ${title}`),
    ),
  watch: async reach =>
    (await reach.look('watch.list', { state: 'active', max })).rows.map(row =>
      idOf(row.watch, `${row.when} ${row.peer_name ?? ''}`),
    ),
  schedule: async reach =>
    (await reach.look('schedule.list', { max })).rows.map(({ schedule, text }) =>
      idOf(schedule, text),
    ),
  token: async reach =>
    (await reach.read('token.list', { max })).rows.map(({ name }) => ({ value: name })),
  url: async reach =>
    (await reach.look('review.queue', { max })).rows.map(({ pr_url, title }) => ({
      value: pr_url,
      ...(title && { about: title }),
    })),
};

function idOf(id: string, about: string | undefined): Candidate {
  return { value: shortId(id), about: about ?? '' };
}

function names(all: readonly string[]): Candidate[] {
  return [...new Set(all)].sort().map(value => ({ value }));
}
