// A unified diff of what would be changed in a file.
import { createTwoFilesPatch } from 'diff';

/** The diff, in lines; none where nothing changes. A file that is not there is `/dev/null`. */
export function unifiedDiff(
  path: string,
  before: string | undefined,
  after: string | undefined,
): string[] {
  if (before === after) return [];
  const name = (text: string | undefined) => (text === undefined ? '/dev/null' : path);
  const patch = createTwoFilesPatch(name(before), name(after), before ?? '', after ?? '');
  // What stands above the names is of another tool's making.
  return patch.slice(patch.indexOf('--- ')).trimEnd().split('\n');
}

/** A file of our own comes or goes whole: nobody reads thousands of lines for that. */
export function ownFileDiff({ path, before, after }: OwnChange): string[] {
  if (before === after) return [];
  const name = (text: string | undefined) => (text === undefined ? '/dev/null' : path);
  const size = (text: string) => `${Buffer.byteLength(text)} bytes of signalbox`;
  return [
    `--- ${name(before)}`,
    `+++ ${name(after)}`,
    ...(before === undefined ? [] : [`-${size(before)}`]),
    ...(after === undefined ? [] : [`+${size(after)}`]),
  ];
}

interface OwnChange {
  path: string;
  before: string | undefined;
  after: string | undefined;
}
