// The parts of a broker: each is made here, and put in the order in which it hears of a commit.
import type { SignalEvent } from '../../schemas/event.js';
import { makeUuid, named } from '../../schemas/uuid.js';
import type { Archive } from '../archive/archive.js';
import { readOnly } from '../archive/read-only.js';
import { Refold } from '../archive/refold.js';
import { replay, sequenceAt } from '../archive/replay.js';
import { formatCursor } from '../core/cursor.js';
import { Fold } from '../core/fold.js';
import { RecentChanges } from '../core/views/recent-changes.js';
import type { BrokerInfo, Delivery } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import { faultsTo } from '../system/fault.js';
import { MeshTime } from '../system/mesh-time.js';
import { AuditPart } from '../timeline/audit-part.js';
import { LogFollower } from '../timeline/follower.js';
import { IndexedArchive } from '../timeline/index/indexed-archive.js';
import { noIndex } from '../timeline/index/no-index.js';
import { Past } from '../timeline/past.js';
import { inlineTimeline } from '../timeline/timeline.js';
import { Auditor } from './audit/auditor.js';
import { Checkpointer } from './audit/checkpointer.js';
import { Barrier } from './barrier.js';
import { Boot } from './boot.js';
import { Broker } from './broker.js';
import type { BrokerConfig } from './broker-config.js';
import { Committer } from './committer.js';
import type { Door } from './door.js';
import { GithubIntake } from './github-intake.js';
import { CommandHandler } from './handlers/command-handler.js';
import { pastReader } from './handlers/past-reader.js';
import { QueryHandler } from './handlers/query-handler.js';
import { onlyShown } from './handlers/unavailable.js';
import { Figures } from './health/figures.js';
import { Readiness } from './health/readiness.js';
import { Warnings } from './health/warnings.js';
import { Listeners } from './listeners.js';
import type { Part } from './part.js';
import { Presence } from './presence.js';
import { Timekeeper } from './timekeeper.js';
import { WebhookSender } from './webhooks/sender.js';

export interface BuiltBroker {
  /** The loop: to be started, and closed. */
  broker: Broker;
  /** All that the gateway may ask. */
  door: Door;
  /** Takes what GitHub says of pull requests. */
  intake: GithubIntake;
  /** Tells receivers outside; to rest before the log is closed. */
  webhooks: WebhookSender;
  /** Whoever hears commits, in this order. */
  parts: Part[];
}

/** Builds a broker; nothing happens before its loop is started. */
export function buildBroker(config: BrokerConfig): BuiltBroker {
  const { fold, onWarning } = config;
  const ground = groundOf(config, (events, reason) => broker.refused(events, reason));
  const { clock, committer, barrier, failed, readiness } = ground;
  const shared = { ...config, ...ground, boot: () => boot.id };
  const boot: Boot = new Boot(ground.bootId, {
    ...shared,
    nextCommit: () => barrier.past(fold.sequence + 1),
    onRestart() {
      onWarning('this gateway was declared lost; it goes on as a new boot');
      presence.tellAll();
    },
  });
  const presence: Presence = new Presence({
    ...shared,
    tell: (type, { peer, circle }) => boot.say({ type, circle, peer, boot: boot.id }) !== undefined,
  });
  const listeners = new Listeners(failed);
  const recent = new RecentChanges(fold);
  // First of all listeners, so that it knows of a commit what the others ask.
  listeners.add(commit => {
    if (!readiness.isFarBehind(commit.sequence)) recent.note(commit);
  });
  const commands = new CommandHandler({ ...shared, timeKnown: () => boot.timeKnown() });
  const intake = new GithubIntake(shared);
  const { now, elapsed } = clock;
  const timekeeper = new Timekeeper({ ...shared, now, elapsed, propose: event => boot.say(event) });
  const webhooks = new WebhookSender(shared);
  const { latencies } = committer;
  const figures = new Figures({ ...shared, timeline: config.timeline, latencies });
  const inline = new AuditPart(config.log, clock);
  const auditor = new Auditor({ ...shared, now, timeline: config.timeline, inline });
  const checkpointer = new Checkpointer({
    ...shared,
    now,
    elapsed,
    every_ms: config.checkpointEveryMs,
    propose: facts => boot.say({ type: 'log.checkpointed', circle: '*', ...facts }),
    stateAt: sequence => auditor.stateAt(sequence),
    recheck: async sequence => (await auditor.recheck(sequence)).reason,
    fence: reason => broker.fence(reason),
  });
  const parts: Part[] = [
    // What we are in the log comes first: all that is said below is said in this name.
    boot,
    presence,
    // What others wait for leaves before the answers to those who caused it.
    listeners,
    commands,
    intake,
    barrier,
    timekeeper,
    checkpointer,
    webhooks,
    new Warnings(shared),
    figures,
  ];
  const broker: Broker = new Broker({ ...shared, committer, parts });
  const queries = new QueryHandler({
    ...shared,
    learn: config.github && intake.learn,
    past: pastReader(config),
    context: author => ({ ...ground.context(), author }),
  });
  const keepers = { presence, listeners, commands, queries, figures, recent, auditor, webhooks };
  const door = doorOf(ground, keepers);
  return { broker, door, intake, webhooks, parts };
}

export interface ReplayParts {
  log: Pick<Log, 'read' | 'head'>;
  clock: Clock;
  mesh: string;
  version: string;
  onWarning(line: string): void;
}

const NO_REPLAY_INDEX =
  'A replay has no index of its log; ask the mesh that it replays, or read it by log.read.';

/**
 * A broker that only shows what it is fed: nothing can be said to it, and it says nothing. Its time
 * is log time.
 */
export function buildReplay({ log, clock, onWarning, ...words }: ReplayParts) {
  const fold = new Fold();
  const parts = [new Past({ log, clock }), noIndex(NO_REPLAY_INDEX)];
  const follower = new LogFollower({ log, fold: new Fold(), parts, clock, onWarning });
  const timeline = inlineTimeline(follower);
  const config: BrokerConfig = {
    ...words,
    log: readOnly(log, clock),
    fold,
    timeline,
    clock: { now: () => fold.table.time, elapsed: clock.elapsed },
    gateway: 'gateway_of-replay',
    logPrefix: 'replay-',
    durability: () => 'replay',
    newId: time => makeUuid(time, new Uint8Array(10)),
    secretFor: () => '',
    signer: { key: '', sign: () => '' },
    acceptLoss: false,
    onHalt() {},
    onFailing() {},
    isDiskFull: () => false,
    onWarning,
  };
  const ground = groundOf(config, () => {});
  const listeners = new Listeners(ground.failed);
  const recent = new RecentChanges(fold);
  listeners.add(commit => recent.note(commit));
  const { latencies } = ground.committer;
  const inline = new AuditPart(config.log, clock);
  const auditor = new Auditor({ ...config, timeline: undefined, inline, now: ground.clock.now });
  const queries = new QueryHandler({
    ...config,
    ...ground,
    // What is not folded yet has not happened yet.
    barrier: { reached: () => Promise.resolve() },
    past: pastReader(config),
    context: author => ({ ...ground.context(), author }),
  });
  ground.readiness.phase = 'serving';
  const door = doorOf(ground, {
    presence: { attach() {}, detach() {} },
    listeners,
    commands: { command: (_, decided, done) => void [decided(), done(onlyShown())] },
    queries,
    figures: new Figures({ ...ground, timeline, latencies }),
    recent,
    auditor,
  });
  const feed = (next: Delivery) => {
    listeners.folded(fold.commit(next));
    timeline.note(fold.sequence, fold.digest, 0);
  };
  const start = () => follower.start();
  const caughtUp = () => Promise.resolve();
  return { door: { ...door, caughtUp }, feed, fold, timeline: { start, close: timeline.close } };
}

type Ground = ReturnType<typeof groundOf>;

/** What the parts stand on: the log, its fold, time, and the way into the log. */
function groundOf(
  config: BrokerConfig,
  onRefused: (events: readonly SignalEvent[], reason: string) => void,
) {
  const { log, fold, mesh, gateway, version } = config;
  const clock = new MeshTime(config.clock);
  const newId = () => config.newId(clock.now());
  const bootId = named('boot', newId());
  const committer = new Committer(bootId, { ...config, clock, onRefused });
  const readiness = new Readiness({ ...config, clock, timeline: config.timeline });
  const refold = new Refold(log);
  const archive: Archive =
    config.timeline === undefined ? refold : new IndexedArchive(config.timeline, refold);
  const table = () => fold.table;
  const sequence = () => fold.sequence;
  const logId = () => `${config.logPrefix ?? ''}${fold.table.log.id}`;
  const cursor = () => formatCursor(logId(), fold.sequence, fold.digest);
  const info = (): BrokerInfo => ({
    mesh,
    log: logId(),
    gateway,
    durability: config.durability(),
    version,
    sequence: fold.sequence,
    digest: fold.digest,
  });
  return {
    log,
    fold,
    clock,
    newId,
    bootId,
    committer,
    barrier: new Barrier(log, committer, fold.sequence),
    readiness,
    isServing: readiness.isServing,
    archive,
    table,
    sequence,
    cursor,
    info,
    failed: faultsTo(config.onWarning),
    propose: (event: SignalEvent) => committer.propose(event),
    trouble: () => readiness.fenced ?? committer.trouble,
    /** What a query is answered from at this moment. */
    context: () => ({
      table: table(),
      now: clock.now(),
      sequence: sequence(),
      cursor: cursor(),
      info: info(),
      malformed: fold.malformed,
    }),
  };
}

interface Doorkeepers {
  presence: Pick<Presence, 'attach' | 'detach'>;
  listeners: Listeners;
  commands: Pick<CommandHandler, 'command'>;
  queries: QueryHandler;
  figures: Figures;
  recent: RecentChanges;
  auditor: Auditor;
  webhooks?: WebhookSender;
}

function doorOf(
  { log, fold, clock, barrier, readiness, info, archive }: Ground,
  { presence, listeners, commands, queries, figures, recent, auditor, webhooks }: Doorkeepers,
): Door {
  return {
    table: fold.table,
    recent,
    audit: auditor,
    webhooks,
    info,
    health: readiness.check,
    fenced: readiness.fencing,
    figures: figures.read,
    skew: () => clock.skew(),
    now: clock.now,
    elapsed: clock.elapsed,
    command: (command, decided, done) => commands.command(command, decided, done),
    read: (method, params, author) => queries.read(method, params, author),
    caughtUp: () => barrier.reached(),
    attach: peer => presence.attach(peer),
    detach: peer => presence.detach(peer),
    listen: listener => listeners.add(listener),
    replay: (sequence, start) => replay(log, fold, sequence, start),
    sequenceAt: time => sequenceAt(log, fold, time),
    records: asked =>
      archive.find({ ...asked, find: 'records', told: found => found }, fold.sequence),
  };
}
