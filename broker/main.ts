// Builds the broker's parts, replays the log, opens the door, and closes it.
import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { limits } from '../schemas/limits.js';
import { openrpcDocument } from '../schemas/openrpc.js';
import { makeUuid } from '../schemas/uuid.js';
import { BrokenHistory, type Fold } from './core/fold.js';
import { secretMaker } from './core/tokens/secret.js';
import { type DataDir, makeDataDir, openDataDir, publishEndpoint } from './disk/data-dir.js';
import { acquireDataLock } from './disk/data-lock.js';
import { HighWater, type HighWaterMark } from './disk/high-water.js';
import { demandPlainFiles } from './disk/plain-files.js';
import { openSigner } from './disk/signing-key.js';
import { forgetSnapshots } from './disk/snapshot-dir.js';
import type { Mounts } from './gateway/http/mounts.js';
import { createInboxDelivery } from './gateway/inbox/inbox-delivery.js';
import { createFanout } from './gateway/observe/fanout.js';
import { createGateway, type Gateway } from './gateway/server.js';
import { createGitHub } from './github/api.js';
import { createIntake } from './github/deliveries.js';
import { tokenSource } from './github/token.js';
import { type WebhookSecret, webhookSecret } from './github/webhook-secret.js';
import { hasNoSpace } from './log/disk-space.js';
import { openStore } from './log/open-store.js';
import { type AcceptedLoss, acceptLossIn, keptMark, salvageLog } from './log/store/loss.js';
import { prepareFiles } from './nats-server/config.js';
import { endLeftover } from './nats-server/process.js';
import type { Door } from './runtime/door.js';
import { type BuiltBroker, buildBroker } from './runtime/parts.js';
import { systemClock as clock } from './system/clock.js';
import { within } from './system/deadline.js';
import { causeOf } from './system/fault.js';
import { type Ready, readyLine } from './system/ready-line.js';
import { coded, deferred, once, unlessStalled } from './system/starting.js';
import type { TimelineSetup } from './timeline/messages.js';
import { restore } from './timeline/snapshots/restore.js';
import { WorkerTimeline } from './timeline/timeline.js';

export type { MountHandler, Mounts } from './gateway/http/mounts.js';
export type { Ready } from './system/ready-line.js';

export interface StartConfig {
  host: string;
  /** 0 picks a free one. */
  port: number;
  dataDir: string;
  /** An existing server or cluster, instead of the embedded one. */
  natsUrl?: string | undefined;
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
  const { fold, foldedAt } = await restore({ dataDir: path, log, mark, onWarning: warn });
  const timeline = beside({ store: access, dataDir: path }, warn);
  const { broker, door, intake } = buildBroker({
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

  const gateway = await openGateway(config, { door, intake }, dataDir, webhook, logger, undo);
  const ready = readyLine({
    mesh,
    server,
    url: gateway.url,
    tokenFile: dataDir.tokenFile,
    webhookFile: webhook.file,
    info: door.info(),
    skew_ms: door.skew().store_ms,
  });
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
  timeline.note(fold.sequence, fold.digest);
  timeline.start();
  undo.push(listen(({ sequence, digest }) => timeline.note(sequence, digest)));
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

async function openGateway(
  config: StartConfig,
  { door, intake }: Pick<BuiltBroker, 'door' | 'intake'>,
  dataDir: DataDir,
  { secret }: WebhookSecret,
  logger: pino.Logger,
  undo: Undo[],
): Promise<Gateway> {
  const fanout = createFanout(door, limits.ring_bytes, error =>
    logger.error({ cause: causeOf(error) }, 'observers could not be told of a commit'),
  );
  const inbox = createInboxDelivery(door);
  const deliveries = createIntake({
    note: (news, delivery) => intake.note(news, delivery),
    onWarning: line => logger.warn({}, line),
  });
  const gateway = await createGateway({
    door,
    fanout,
    inbox,
    host: config.host,
    port: config.port,
    allowedHosts: config.allowedHosts ?? [],
    operatorToken: dataDir.operatorToken,
    sessionKey: dataDir.key,
    log: logger,
    openrpc: openrpcDocument(config.version),
    webhook: {
      secret,
      offer: deliveries.offer,
    },
    mounts: config.mounts,
  });
  undo.push(async () => {
    await gateway.close();
    await deliveries.close();
    fanout.close();
    inbox.close();
    // Who was connected here is told to the log before it closes.
    await within(
      door.caughtUp().catch(() => {}),
      limits.close_ms,
      undefined,
    );
  });
  return gateway;
}
