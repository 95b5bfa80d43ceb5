// Builds the broker's parts, replays the log, opens the door, and closes it.
import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { limits } from '../schemas/limits.js';
import { makeUuid } from '../schemas/uuid.js';
import { type ReplayConfig, Replaying } from './archive/replaying.js';
import { BrokenHistory, type Fold } from './core/fold.js';
import { secretMaker } from './core/tokens/secret.js';
import { type DataDir, makeDataDir, openDataDir, publishEndpoint } from './disk/data-dir.js';
import { acquireDataLock } from './disk/data-lock.js';
import { HighWater, type HighWaterMark } from './disk/high-water.js';
import { demandPlainFiles } from './disk/plain-files.js';
import { openSigner } from './disk/signing-key.js';
import { forgetSnapshots } from './disk/snapshot-dir.js';
import { makeTokenFile } from './disk/token-file.js';
import { SecretFiles } from './disk/webhook-secrets.js';
import type { Mounts } from './gateway/http/mounts.js';
import { openGateway } from './gateway/opening.js';
import { createGitHub } from './github/api.js';
import { tokenSource } from './github/token.js';
import { type WebhookSecret, webhookSecret } from './github/webhook-secret.js';
import { hasNoSpace } from './log/disk-space.js';
import { openStore } from './log/open-store.js';
import { type AcceptedLoss, acceptLossIn, keptMark, salvageLog } from './log/store/loss.js';
import { storeOf } from './log/store/places.js';
import { StoredLog } from './log/store/stored-log.js';
import { prepareFiles } from './nats-server/config.js';
import { endLeftover } from './nats-server/process.js';
import type { Door } from './runtime/door.js';
import { buildBroker, buildReplay } from './runtime/parts.js';
import type { WebhookSender } from './runtime/webhooks/sender.js';
import { systemClock as clock } from './system/clock.js';
import { within } from './system/deadline.js';
import { addressOf, type Ready, readyLine } from './system/ready-line.js';
import { coded, deferred, once, unlessStalled } from './system/starting.js';
import type { TimelineSetup } from './timeline/messages.js';
import { restoreAtStart } from './timeline/snapshots/restore.js';
import { WorkerTimeline } from './timeline/timeline.js';

export { publicKeyIn } from './disk/signing-key.js';
export type { MountHandler, Mounts } from './gateway/http/mounts.js';
export { verifyExportFile } from './log/export-file.js';
export { restoreLog } from './log/restore.js';
export type { Ready } from './system/ready-line.js';

export interface StartConfig {
  host: string;
  /** 0 picks a free one. */
  port: number;
  dataDir: string;
  /** An existing server or cluster, instead of the embedded one. */
  natsUrl?: string | undefined;
  /** The file to log in there with (an nkey seed, with or without a JWT), not in the URL. */
  natsCreds?: string | undefined;
  mesh: string;
  durability: 'fsync' | 'os';
  /** Further values of Host to answer to. */
  allowedHosts?: readonly string[] | undefined;
  version: string;
  /** The nats-server to run, instead of one found or fetched. */
  natsBinary?: string | undefined;
  cacheDir?: string | undefined;
  /** What else to serve on the port, by path: folders of static files, or handlers. */
  mounts?: Mounts | undefined;
  /**
   * Where GITHUB_TOKEN or GH_TOKEN, GITHUB_API_URL and SIGNALBOX_GITHUB_WEBHOOK_SECRET are looked
   * up; without it GitHub is never asked, and its deliveries bear the secret of the data directory.
   */
  env?: Readonly<NodeJS.ProcessEnv> | undefined;
  /** How long after a checkpoint of the log the next is due; shorter in tests. */
  checkpointEveryMs?: number | undefined;
  onProgress(line: string): void;
  /** Ends a start that is under way: it rejects with the code `interrupted`. */
  stopping?: AbortSignal | undefined;
}

export interface RunningBroker {
  ready: Ready;
  /** Resolves when it has stopped; rejects with the reason when the history broke. */
  closed: Promise<void>;
  close(): Promise<void>;
  /** After a fault that nobody caught: ends the server and frees the directory, no more. */
  abort(): Promise<void>;
}

/**
 * Makes a new log of what can be read of a damaged one; see `signalbox log accept-loss`. Of one
 * that is whole only when `force` is given.
 */
export async function acceptLoss(dataDir: string, { force = false } = {}): Promise<AcceptedLoss> {
  try {
    await demandPlainFiles(dataDir);
    const lock = await acquireDataLock(dataDir);
    try {
      await endLeftover(await prepareFiles(dataDir));
      return await (force ? salvageLog : acceptLossIn)(dataDir, clock.now());
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw coded(error, { dataDir, port: 0 });
  }
}

export interface ReplayStart extends Pick<ReplayConfig, 'from' | 'to' | 'pace' | 'stopping'> {
  /** Whose store is read; a broker may be running on it. */
  dataDir: string;
  mesh: string;
  host: string;
  /** 0 picks a free one. */
  port: number;
  version: string;
}

/**
 * Shows old commits to observers, read-only and at their own pace, under a token of its own, until
 * `stopping` or `close`. Rejects when the store cannot be read or the port is taken.
 */
export async function startReplay(config: ReplayStart) {
  const { dataDir, mesh, stopping } = config;
  const logger = pino({ level: process.env.SIGNALBOX_LOG ?? 'warn' }, pino.destination(2));
  const log = new StoredLog(storeOf(dataDir), mesh);
  const onWarning = (line: string) => logger.warn({}, line);
  const { door, feed, fold, timeline } = buildReplay({ ...config, log, clock, onWarning });
  const replaying = new Replaying({ ...config, log, fold, clock, feed });
  await replaying.begin();
  const token = await makeTokenFile();
  const secrets = { operatorToken: token.token, sessionKey: token.token, isOperatorOnly: true };
  const opening = { ...config, ...secrets, door, log: logger };
  const gateway = await openGateway(opening).catch(async error => {
    await token.remove();
    throw error;
  });
  await timeline.start();
  const closed = deferred();
  const close = once(async () => {
    await gateway.close();
    await timeline.close();
    await token.remove();
    closed.resolve();
  });
  stopping.addEventListener('abort', () => void close());
  if (stopping.aborted) await close();
  const ready = { ...addressOf(gateway.url), token_file: token.file, mesh, log: door.info().log };
  const ended = replaying.run();
  // Who is not interested in the end is not told of a fault.
  ended.catch(() => {});
  return { ready, ended, closed: closed.promise, close };
}

type Undo = () => unknown;

/**
 * Starts a broker. Rejects with an Error whose `code` says why (`port_busy`, `history_broken`, …)
 * and whose message says what to do; nothing is left running then.
 */
export async function start(config: StartConfig): Promise<RunningBroker> {
  const undo: Undo[] = [];
  const close = once(async () => {
    for (const step of undo.reverse()) await step();
  });
  try {
    return await build(config, undo, close);
  } catch (error) {
    await close();
    throw coded(error, { ...config, isFull: hasNoSpace(config.dataDir) });
  }
}

async function build(config: StartConfig, undo: Undo[], close: () => Promise<void>) {
  const { mesh, version, dataDir: path, onProgress } = config;
  const { logger, warn } = ownLog();
  const stopping = config.stopping ?? new AbortController().signal;
  await makeDataDir(path);
  const lock = await acquireDataLock(path);
  undo.push(() => lock.release());
  const { mark, loss } = await keptMark(path, clock.now());
  const dataDir = await openDataDir(path);
  const [webhook, signer] = [await webhookSecret(config.env, path), await openSigner(path)];

  const at = mark.sequence;
  const store = await openStore({ ...config, clock, stopping, onWarning: warn }, at, undo);
  const { log, access, server, durability, isFull, failed } = store;
  stopping.throwIfAborted();
  const github = askGitHub(config.env, warn);
  undo.push(() => github?.close());
  const halted = deferred();
  // What was folded of a log that has lost something is not of the one that goes on.
  if (loss !== undefined) await forgetSnapshots(path);
  const { fold, foldedAt } = await restoreAtStart({ dataDir: path, log, mark, onWarning: warn });
  const timeline = beside({ store: access, dataDir: path }, warn);
  const { broker, door, intake, webhooks } = buildBroker({
    log,
    fold,
    foldedAt,
    timeline,
    clock,
    mesh,
    version,
    gateway: dataDir.gateway,
    durability,
    newId: time => makeUuid(time, randomBytes(10)),
    secretFor: secretMaker(dataDir.key),
    signer,
    webhookSecrets: new SecretFiles(path),
    checkpointEveryMs: config.checkpointEveryMs,
    highWater: loss === undefined ? mark : undefined,
    acceptLoss: loss !== undefined,
    github,
    onHalt: reason => halted.reject(coded(new BrokenHistory(reason), config)),
    onFailing: failed,
    isDiskFull: isFull,
    onWarning: warn,
    storeSize: store.size,
  });
  undo.push(() => broker.close());
  const standing = () => standingOf(fold, broker.trouble, isFull);
  await unlessStalled(broker.start(), standing, { clock, stopping, onProgress });
  await loss?.forget();
  const highWater = await HighWater.open(path, markOf(fold), warn);
  undo.push(() => highWater.close(markOf(fold)));
  undo.push(door.listen(() => highWater.note(markOf(fold))));
  followBeside(timeline, fold, door, undo);

  const gateway = await openGateway({
    ...config,
    ...secretsOf(dataDir),
    door,
    log: logger,
    webhook: { secret: webhook.secret, note: (news, delivery) => intake.note(news, delivery) },
  });
  undo.push(() => gateway.close().then(() => lastWords(door, webhooks)));
  const ready = readyOf(mesh, gateway.url, dataDir, webhook, door, server);
  undo.push(await publishEndpoint(path, ready));
  const closed = deferred();
  halted.promise.catch(async error => {
    await close();
    closed.reject(error);
  });
  const abort = async () => {
    await server?.stop();
    await lock.release();
  };
  return { ready, closed: closed.promise, close: () => close().then(closed.resolve), abort };
}

function beside(setup: TimelineSetup, onWarning: (line: string) => void): WorkerTimeline {
  return new WorkerTimeline({ setup, clock, onWarning });
}

function ownLog() {
  const logger = pino({ level: process.env.SIGNALBOX_LOG ?? 'warn' }, pino.destination(2));
  return { logger, warn: (line: string) => logger.warn({}, line) };
}

/** From here on the timeline is told how far the log has come. */
function followBeside(timeline: WorkerTimeline, fold: Fold, { listen }: Door, undo: Undo[]): void {
  undo.push(() => timeline.close());
  timeline.note(fold.sequence, fold.digest, 0);
  timeline.start();
  undo.push(listen(one => timeline.note(one.sequence, one.digest, one.records.length)));
}

function readyOf(
  mesh: string,
  url: string,
  { tokenFile }: DataDir,
  { file: webhookFile }: WebhookSecret,
  { info, skew }: Door,
  server: Parameters<typeof readyLine>[0]['server'],
): Ready {
  const skew_ms = skew().store_ms;
  return readyLine({ mesh, server, url, tokenFile, webhookFile, info: info(), skew_ms });
}

function secretsOf({ operatorToken, key }: DataDir) {
  return { operatorToken, sessionKey: key };
}

/** Who was connected here, and how far webhooks are, is told to the log before it closes. */
async function lastWords(door: Door, webhooks: WebhookSender): Promise<void> {
  await webhooks.rest();
  await within(
    door.caughtUp().catch(() => {}),
    limits.close_ms,
    undefined,
  );
}

function askGitHub(env: StartConfig['env'], onWarning: (line: string) => void) {
  if (env === undefined) return undefined;
  const apiUrl = env.GITHUB_API_URL;
  return createGitHub({ token: tokenSource(env), apiUrl, clock, onWarning });
}

function standingOf({ sequence }: Fold, trouble: string | undefined, isFull: () => boolean) {
  return { sequence, trouble, isFull: trouble !== undefined && isFull() };
}

/** The log as it stands, to be vouched for outside of it. */
function markOf({ sequence, digest, events, table }: Fold): HighWaterMark {
  return { sequence, digest: Buffer.from(digest).toString('hex'), events, level: table.log.level };
}
