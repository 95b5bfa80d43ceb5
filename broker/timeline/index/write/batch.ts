// A batch of commits as rows to be written: what the index takes from each, in memory.
import { peersOf, type SignalEvent } from '../../../../schemas/event.js';
import { limits } from '../../../../schemas/limits.js';
import { type ColdRows, type ColdView, coldKinds } from '../../../core/archive.js';
import { type Change, isOf } from '../../../core/change.js';
import { packReceipt } from '../../../core/rows/receipt.js';
import type { Table } from '../../../core/rows/table.js';
import type { FoldedCommit, FoldedRecord } from '../../../core/words.js';
import { textsOf, wordsOf } from '../text/event-texts.js';
import type { StageNote, StageNotes } from './stage-notes.js';

/** One record to be found by its words and facets. */
export interface IndexedRecord {
  record: Pick<FoldedRecord, 'position' | 'type' | 'circles' | 'void'>;
  event: SignalEvent;
  texts: readonly string[];
  words: string;
  /** What its author and recipients work on. */
  projects: readonly string[];
}

/** A row that has ended with a commit, or goes on after all. */
export type RowNote = { [V in ColdView]: RowNoteOf<V> }[ColdView];
export interface RowNoteOf<V extends ColdView> {
  view: V;
  key: string;
  sequence: number;
  row: ColdRows[V] | undefined;
}

/** Collects what is to be written in one transaction. */
export class IndexBatch {
  readonly records: IndexedRecord[] = [];
  readonly times: { sequence: number; time: number }[] = [];
  readonly voids: { position: number; reason: string }[] = [];
  readonly receipts: { position: number; packed: number }[] = [];
  readonly rows: RowNote[] = [];
  readonly stages: StageNote[] = [];
  last: Pick<FoldedCommit, 'sequence' | 'digest' | 'time'> | undefined;
  /** The last event's. */
  position = 0;
  bytes = 0;

  /** Takes in a commit just folded; of the table, nothing that later commits change is kept. */
  add(commit: FoldedCommit, table: Table, stages: StageNotes): void {
    const { sequence, time, digest } = commit;
    this.last = { sequence, time, digest };
    this.times.push({ sequence, time });
    this.#changes(commit.changes, sequence, table);
    for (const record of commit.records) {
      this.#record(record, table);
      this.#changes(record.changes, sequence, table);
    }
    for (const note of stages.commit(commit, table)) this.stages.push(note);
  }

  #record(record: FoldedRecord, table: Table): void {
    const { position, event, receipt, type, circles } = record;
    this.position = position;
    if (record.void !== undefined) this.voids.push({ position, reason: record.void });
    if (event === undefined || record.void === 'malformed') return;
    const packed = packReceipt(receipt);
    if (packed > 0) this.receipts.push({ position, packed });
    const texts = textsOf(event);
    const words = wordsOf(texts);
    this.bytes += limits.index_record_bytes + 2 * words.length;
    const projects = projectsOf(event, table);
    const kept = { position, type, circles, void: record.void };
    this.records.push({ record: kept, event, texts, words, projects });
  }

  #changes(changes: readonly Change[], sequence: number, table: Table): void {
    for (const change of changes) {
      if (isOf(change, 'asks')) {
        const { key, row } = change;
        if (row?.state === 'closed') this.rows.push({ view: 'asks', key, sequence, row });
      } else if (isOf(change, 'jobs') && change.row !== null) {
        const { key, row } = change;
        const ended = coldKinds.jobs.hasEnded(row) ? row : undefined;
        this.rows.push({ view: 'jobs', key, sequence, row: ended });
      } else if (isOf(change, 'schedules') && change.row !== null) {
        const { key, row } = change;
        const entry = { row, history: [...(table.schedules.get(key)?.history ?? [])] };
        if (coldKinds.schedules.hasEnded(entry)) {
          this.rows.push({ view: 'schedules', key, sequence, row: entry });
        }
      }
    }
  }
}

const NONE: readonly string[] = [];

function projectsOf(event: SignalEvent, { peers }: Table): readonly string[] {
  let projects = NONE;
  for (const peer of peersOf(event)) {
    const project = peers.rows.get(peer)?.project;
    if (project === undefined || projects.includes(project)) continue;
    projects = [...projects, project];
  }
  return projects;
}
