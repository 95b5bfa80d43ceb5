// Results as a page of Markdown.
import type { Faults } from '../programs.js';
import { type Chart, chartFile } from './chart.js';
import { figure, isMet, type Target } from './figures.js';

export interface Line {
  scenario: string;
  measured: string;
  floor: string;
  ratio: number;
  target: Target;
  sizes: string;
  natsServer: string;
  durability: string;
}

export interface Table {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Said under it. */
  notes: readonly string[];
}

export interface Results {
  lines: readonly Line[];
  tables: readonly Table[];
  chart: Chart;
  faults: Faults;
}

export interface Run {
  commit: string;
  node: string;
  machine: string;
  fsync_ms: number;
  isQuick: boolean;
  date: string;
}

const head = ['Scenario', 'Measured', 'Floor', 'Ratio', 'Target', 'Met', 'Measured with'];

export function pageOf(run: Run, results: readonly Results[]): string {
  const lines = results.flatMap(({ lines }) => lines).map(line => rowOf(line, run));
  const parts = [
    '# Results',
    `Written by \`npm run bench${run.isQuick ? ' -- --quick' : ''}\` on ${run.date}. ` +
      'Each ratio is of one run, against a floor on the same machine with the load generator ' +
      'on it; the absolute numbers are only context.',
    tableOf(head, lines),
    `Machine: ${run.machine}. A bare 4 KiB write with fdatasync: ${figure(run.fsync_ms)} ms.`,
    faultsOf(results),
    ...results.flatMap(({ tables, chart }) => [...tables.flatMap(sectionOf), imageOf(chart)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rowOf(line: Line, run: Run): string[] {
  const { scenario, measured, floor, ratio, target, sizes, natsServer, durability } = line;
  const versions = `node ${run.node}, nats-server ${natsServer}, ${durability}, ${run.commit}`;
  return [
    scenario,
    measured,
    floor,
    `**${ratio.toFixed(2)}**`,
    targetText(target),
    isMet(ratio, target) ? 'yes' : '**no**',
    `${versions}; ${sizes}`,
  ];
}

function targetText({ of, least, most }: Target): string {
  return least === undefined ? `≤ ${most} × ${of}` : `≥ ${least} × ${of}`;
}

function faultsOf(results: readonly Results[]): string {
  const sum = (key: keyof Faults) => results.reduce((all, { faults }) => all + faults[key], 0);
  return (
    `Checked in the same runs, floors included: ${sum('lost')} lost, ${sum('doubled')} doubled, ` +
    `${sum('reordered')} out of order, ${sum('refused')} refused.`
  );
}

function imageOf(chart: Chart): string {
  return `![${chart.title}](${chartFile(chart)})`;
}

function sectionOf({ title, head, rows, notes }: Table): string[] {
  return [`## ${title}`, tableOf(head, rows), ...notes];
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  return all.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}
