// What in the settings of a coding agent keeps hooks or a server from being used at all.
import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { readToml, tomlAt } from '../../setup/edit/toml-edit.js';
import type { RuntimeName } from '../../setup/targets.js';
import { type Finding, fault, remark } from './finding.js';
import { readObject, readSmall } from './read-small.js';

/** Where a runtime's own settings lie. */
export interface AgentPlace {
  env: NodeJS.ProcessEnv;
  home: string;
  /** Where the shell stands: settings and trust may be of that folder. */
  directory: string;
}

/** Faults only: a runtime that switches nothing off has none. */
export const switchedOff: Readonly<Record<RuntimeName, (place: AgentPlace) => Promise<Finding[]>>> =
  { 'claude-code': claudeCode, codex, gemini, opencode: async () => [] };

/** https://code.claude.com/docs/en/settings */
async function claudeCode({ env, home, directory }: AgentPlace): Promise<Finding[]> {
  const room = env.CLAUDE_CONFIG_DIR ?? join(home, '.claude');
  const files = [
    join(room, 'settings.json'),
    join(directory, '.claude', 'settings.json'),
    join(directory, '.claude', 'settings.local.json'),
  ];
  const found: Finding[] = [];
  for (const file of [...new Set(files)]) {
    const settings = await readObject(file);
    if (settings?.disableAllHooks === true) {
      const detail = `${file} says disableAllHooks: no hook fires`;
      found.push(fault('claude-code switch', detail, 'take disableAllHooks out of that file'));
    }
    const { deny } = Object(settings?.permissions);
    if (Array.isArray(deny) && deny.includes('mcp__signalbox')) {
      const detail = `${file} denies mcp__signalbox: the agent has no tools of Signalbox`;
      found.push(fault('claude-code permission', detail, 'take it out of permissions.deny'));
    }
  }
  return found;
}

/** https://developers.openai.com/codex/config-reference */
async function codex({ env, home }: AgentPlace): Promise<Finding[]> {
  const file = join(env.CODEX_HOME ?? join(home, '.codex'), 'config.toml');
  const text = await readSmall(file);
  if (text === undefined || featureIn(text) !== false) return [];
  const detail = `${file} says hooks = false below [features]: no hook fires`;
  return [fault('codex switch', detail, 'take that line out: codex features enable hooks')];
}

function featureIn(text: string): unknown {
  try {
    return tomlAt(readToml(text), ['features', 'hooks']);
  } catch {
    return undefined;
  }
}

/** https://geminicli.com/docs/hooks */
async function gemini({ env, home, directory }: AgentPlace): Promise<Finding[]> {
  const room = join(env.GEMINI_CLI_HOME ?? home, '.gemini');
  const files = [join(room, 'settings.json'), join(directory, '.gemini', 'settings.json')];
  const found: Finding[] = [];
  let asksForTrust = env.GEMINI_CLI_TRUST_WORKSPACE !== 'true';
  for (const file of [...new Set(files)]) {
    const settings = await readObject(file);
    const { enabled, disabled } = Object(settings?.hooksConfig);
    if (enabled === false) {
      const detail = `${file} says hooksConfig.enabled: false: no hook fires`;
      found.push(fault('gemini switch', detail, 'say in gemini: /hooks enable-all'));
    } else if (Array.isArray(disabled) && disabled.includes('signalbox')) {
      const detail = `${file} names signalbox in hooksConfig.disabled`;
      found.push(fault('gemini switch', detail, 'say in gemini: /hooks enable signalbox'));
    }
    const { folderTrust } = Object(settings?.security);
    if (Object(folderTrust).enabled === false) asksForTrust = false;
  }
  const trust = asksForTrust ? await trustIn(room, env, directory) : true;
  if (trust === true) return found;
  const detail =
    trust === false
      ? `${directory} was said not to be trusted: Gemini CLI runs no hook there`
      : `${directory} is not trusted yet: Gemini CLI runs no hook there`;
  const cure = 'start gemini there and say /permissions trust, if you trust what lies in it';
  // At home nobody works; where somebody may, hooks that never fire are a fault.
  const say = directory === home ? remark : fault;
  return [...found, say('gemini trust', detail, cure)];
}

/** As the longest rule about the folder has it; undefined where none is about it. */
async function trustIn(
  room: string,
  env: NodeJS.ProcessEnv,
  directory: string,
): Promise<boolean | undefined> {
  const file = env.GEMINI_CLI_TRUSTED_FOLDERS_PATH ?? join(room, 'trustedFolders.json');
  const real = (path: string) => realpath(path).catch(() => path);
  const here = await real(directory);
  let [longest, trust] = [-1, undefined as boolean | undefined];
  for (const [path, level] of Object.entries((await readObject(file)) ?? {})) {
    const folder = await real(level === 'TRUST_PARENT' ? dirname(path) : path);
    const isAbout =
      here === folder || here.startsWith(folder.endsWith(sep) ? folder : folder + sep);
    if (isAbout && path.length > longest) {
      [longest, trust] = [path.length, level === 'TRUST_FOLDER' || level === 'TRUST_PARENT'];
    }
  }
  return trust;
}
