// A small bar chart as SVG: what was measured beside what it is measured against.
import { figure } from './figures.js';

export interface Chart {
  /** The scenario's name, which is also that of its file. */
  scenario: string;
  title: string;
  bars: readonly Bar[];
}

export interface Bar {
  label: string;
  value: number;
  /** A floor or a peer, not ours. */
  isFloor: boolean;
}

const WIDTH = 640;
const LABEL_WIDTH = 230;
const VALUE_WIDTH = 70;
const TOP = 34;
const STEP = 24;
const BAR_HEIGHT = 14;
const OURS = '#2f6fdb';
const FLOOR = '#9aa4b2';

/** Where it is kept, beside the page. */
export function chartFile({ scenario }: Chart): string {
  return `charts/${scenario.toLowerCase()}.svg`;
}

/** https://www.w3.org/TR/SVG2/ */
export function chartOf({ title, bars }: Chart): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const height = TOP + bars.length * STEP + STEP / 2;
  const rows = bars.map(({ label, value, isFloor }, i) => {
    const y = TOP + i * STEP;
    const width = Math.max(1, (room * value) / most);
    return [
      textAt(LABEL_WIDTH - 8, y + BAR_HEIGHT - 3, label, 'end'),
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" ` +
        `fill="${isFloor ? FLOOR : OURS}"/>`,
      textAt(LABEL_WIDTH + width + 6, y + BAR_HEIGHT - 3, figure(value), 'start'),
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
      `width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    // Pages are light or dark; a chart that brings its own ground is read on both.
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    textAt(8, 20, title, 'start', ' font-weight="bold"'),
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function textAt(x: number, y: number, text: string, anchor: string, more = ''): string {
  const at = `x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}"`;
  return `<text ${at} fill="#1b1f24"${more}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
