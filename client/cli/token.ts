// The verb token: makes, lists and ends the tokens by which programs and people are let in.
import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Verb as Right, Role } from '../../schemas/common.js';
import type { TokenRow } from '../../schemas/token.js';
import { newIdentity } from '../sdk/identity.js';
import { allRows } from '../sdk/pages.js';
import { type Column, columnLines } from '../terminal/columns.js';
import { Failure, refused } from '../terminal/exit.js';
import { shortId } from '../terminal/short-id.js';
import { dayOf, minuteOf } from '../terminal/times.js';
import { why } from '../terminal/why.js';
import type { Act, Cli, CliVerb } from './cli.js';
import { commaList, examples, seconds } from './options.js';
import { brokerTime } from './reach/calls.js';
import { onlyOne } from './reach/find.js';
import type { Reach } from './reach/reach.js';

export const token: CliVerb = (program, act) => {
  const group = program.command('token').description('make, list and revoke tokens');
  create(group, act);
  group
    .command('list')
    .description('list every token, the ended ones too')
    .addHelpText('after', examples('signalbox token list --json'))
    .action(act(list));
  group
    .command('revoke')
    .description('end a token; its connections close at once')
    .argument('<token>', 'its name, or enough of its id')
    .addHelpText('after', examples('signalbox token revoke ci'))
    .action(act(revoke));
};

interface CreateOptions {
  circles: string[];
  roles: string[];
  verbs: string[];
  expires?: number;
  out?: string;
}

const create = (group: Parameters<CliVerb>[0], act: Act) =>
  group
    .command('create')
    .description('make a token and print its credential, this once')
    .argument('<name>', 'what it is for')
    .option('--circles <list>', 'the circles it sees, or *', commaList, ['*'])
    .option('--roles <list>', 'agent, orchestrator, service, human', commaList, ['agent'])
    .option('--verbs <list>', 'observe, speak, operate', commaList, ['observe', 'speak'])
    .option('--expires <time>', 'ends by itself after 90s, 10m, 2h or 3d', seconds)
    .option('-o, --out <file>', 'write the credential into a new file (mode 0600) instead')
    .addHelpText('after', examples('signalbox token create ci --circles web --out ci.token'))
    .action(
      act(async (cli, name: string, options: CreateOptions) => {
        const { circles, roles, verbs, expires, out } = options;
        // Made here, so that a lost answer loses no secret.
        const { secret } = newIdentity();
        const reach = await cli.reach();
        const file =
          out === undefined ? undefined : await newFile(resolve(cli.world.directory, out));
        const made = await reach
          .read('token.create', {
            name,
            circles,
            roles: roles as Role[],
            verbs: verbs as Right[],
            secret,
            ...(expires !== undefined && { expires_at: `${Math.ceil(expires)}s` }),
          })
          .catch(async (error: Error) => {
            await file?.drop();
            throw error;
          });
        const credential = `${made.token}.${secret}`;
        await file?.keep(credential);
        const shown = out ?? credential;
        await cli.terminal.one(
          { token: made.token, ...(out ? { file: out } : { credential }) },
          () => [shown],
        );
        cli.terminal.hint('give it to clients as a file: SIGNALBOX_TOKEN_FILE');
      }),
    );

/** Made before the token is, since a credential that cannot be kept is lost. */
async function newFile(path: string) {
  const failed = (error: unknown) => new Failure('failed', `cannot make ${path}: ${why(error)}`);
  const file = await open(path, 'wx', 0o600).catch((error: Error) => {
    throw failed(error);
  });
  const drop = async () => {
    await file.close().catch(() => {});
    await rm(path, { force: true }).catch(() => {});
  };
  const keep = async (credential: string) => {
    try {
      await file.writeFile(`${credential}\n`);
      await file.close();
    } catch (error) {
      await drop();
      throw failed(error);
    }
  };
  return { keep, drop };
}

function allTokens(reach: Reach): Promise<TokenRow[]> {
  return allRows(at => reach.read('token.list', at));
}

async function list(cli: Cli): Promise<void> {
  const { terminal } = cli;
  const tokens = await terminal.during('asking', allTokens(await cli.reach()));
  const ids = tokens.map(row => row.token);
  const lines = () => columnLines(tokenColumns(ids, brokerTime.now()), tokens, terminal.width);
  await terminal.many(tokens, lines, 'no tokens but the operator’s file');
}

/** The table of tokens, as they stand at a time in ms UTC. */
export function tokenColumns(ids: readonly string[], now: number): Column<TokenRow>[] {
  return [
    { head: 'TOKEN', of: ({ token: id }) => shortId(id, ids) },
    { head: 'NAME', of: ({ name }) => name },
    { head: 'CIRCLES', of: ({ circles }) => circles.join(',') },
    { head: 'ROLES', of: ({ roles }) => roles.join(',') },
    { head: 'VERBS', of: ({ verbs }) => verbs.join(',') },
    { head: 'MADE', of: ({ created_at }) => dayOf(created_at) },
    { head: 'STATE', of: row => stateOf(row, now) },
  ];
}

function stateOf({ revoked_at, expires_at }: TokenRow, now: number): string {
  if (revoked_at !== undefined) return 'revoked';
  if (expires_at === undefined) return 'good';
  return expires_at <= now ? 'expired' : `good until ${minuteOf(expires_at, now)}`;
}

async function revoke(cli: Cli, typed: string): Promise<void> {
  const reach = await cli.reach();
  const tokens = await allTokens(reach);
  const living = tokens.filter(row => row.name === typed && row.revoked_at === undefined);
  const ids = living.length > 0 ? living.map(row => row.token) : undefined;
  if (ids !== undefined && ids.length > 1) {
    throw new Failure('usage', `several tokens are called ${typed}`, {
      hint: `revoke one by its id:\n  ${ids.join('\n  ')}`,
    });
  }
  const known = tokens.map(row => row.token);
  const found = ids?.[0] ?? onlyOne(typed, known);
  if (found === undefined) throw refused('token_unknown', `there is no token ${typed}`);
  const revoked = await reach.read('token.revoke', { token: found });
  await cli.terminal.one(revoked, () => [`revoked ${shortId(found, known)}`]);
}
