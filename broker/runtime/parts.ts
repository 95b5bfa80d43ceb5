// The parts of a broker: each is made here, and put in the order in which it hears of a commit.
import type { SignalEvent } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';
import type { Archive } from '../archive/archive.js';
import { Refold } from '../archive/refold.js';
import { replay, sequenceAt } from '../archive/replay.js';
import { formatCursor } from '../core/cursor.js';
import { RecentChanges } from '../core/views/recent-changes.js';
import type { BrokerInfo } from '../core/words.js';
import { faultsTo } from '../system/fault.js';
import { MeshTime } from '../system/mesh-time.js';
import { AuditPart } from '../timeline/audit-part.js';
import { IndexedArchive } from '../timeline/index/indexed-archive.js';
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
import { Figures } from './health/figures.js';
import { Readiness } from './health/readiness.js';
import { Warnings } from './health/warnings.js';
import { Listeners } from './listeners.js';
import type { Part } from './part.js';
import { Presence } from './presence.js';
import { Timekeeper } from './timekeeper.js';

export interface BuiltBroker {
  /** The loop: to be started, and closed. */
  broker: Broker;
  /** All that the gateway may ask. */
  door: Door;
  /** Takes what GitHub says of pull requests. */
  intake: GithubIntake;
  /** Whoever hears commits, in this order. */
  parts: Part[];
}

/** Builds a broker; nothing happens before its loop is started. */
export function buildBroker(config: BrokerConfig): BuiltBroker {
  const { fold, onWarning } = config;
  const ground = groundOf(config, (events, reason) => broker.refused(events, reason));
  const { clock, committer, barrier, failed } = ground;
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
  listeners.add(commit => recent.note(commit));
  const commands = new CommandHandler({ ...shared, timeKnown: () => boot.timeKnown() });
  const intake = new GithubIntake(shared);
  const { now, elapsed } = clock;
  const timekeeper = new Timekeeper({ ...shared, now, elapsed, propose: event => boot.say(event) });
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
  const keepers = { presence, listeners, commands, queries, figures, recent, auditor };
  const door = doorOf(ground, keepers);
  return { broker, door, intake, parts };
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
  const cursor = () => formatCursor(fold.table.log.id, fold.sequence, fold.digest);
  const info = (): BrokerInfo => ({
    mesh,
    log: fold.table.log.id,
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
  presence: Presence;
  listeners: Listeners;
  commands: CommandHandler;
  queries: QueryHandler;
  figures: Figures;
  recent: RecentChanges;
  auditor: Auditor;
}

function doorOf(
  { log, fold, clock, barrier, readiness, info }: Ground,
  { presence, listeners, commands, queries, figures, recent, auditor }: Doorkeepers,
): Door {
  return {
    table: fold.table,
    recent,
    audit: auditor,
    info,
    health: readiness.check,
    figures: figures.read,
    skew: () => clock.skew(),
    now: clock.now,
    command: (command, decided, done) => commands.command(command, decided, done),
    read: (method, params, author) => queries.read(method, params, author),
    caughtUp: () => barrier.reached(),
    attach: peer => presence.attach(peer),
    detach: peer => presence.detach(peer),
    listen: listener => listeners.add(listener),
    replay: (sequence, start) => replay(log, fold, sequence, start),
    sequenceAt: time => sequenceAt(log, fold, time),
  };
}
