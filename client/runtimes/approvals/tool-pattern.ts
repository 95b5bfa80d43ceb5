// Patterns of tools, as globs: which permission questions are asked from afar, never what is let.
//
// `Bash` is the tool of that name, `mcp__github__*` each that begins so; `Bash(git *)` only where
// its argument, whole, is like that. `*` is any characters, none and line ends too; `\*` is a star
// and `\\` a backslash. Everything else stands for itself, and case counts.

/** A pattern, read. */
export interface ToolPattern {
  name: Glob;
  argument?: Glob;
}

/** What stands between the stars. */
type Glob = readonly string[];

/** What a tool is called with, as far as it is text. */
export interface AskedTool {
  tool: string;
  input: object;
}

/** What people mean by the argument of a tool: the first of these that it has. */
const ARGUMENTS = ['command', 'file_path', 'notebook_path', 'path', 'url', 'query', 'pattern'];

/** Reads a pattern; undefined for what is none. */
export function readPattern(text: string): ToolPattern | undefined {
  const [, name = '', behind = ''] = /^([^()\s]+)(\(.+\))?$/s.exec(text) ?? [];
  if (name === '') return undefined;
  if (behind === '') return { name: globOf(name) };
  return { name: globOf(name), argument: globOf(behind.slice(1, -1)) };
}

function globOf(text: string): Glob {
  const parts: string[] = [];
  let part = '';
  for (const [step] of text.matchAll(/\\[*\\]|./gsu)) {
    if (step === '*') {
      parts.push(part);
      part = '';
    } else part += step.length > 1 && step.startsWith('\\') ? step.slice(1) : step;
  }
  return [...parts, part];
}

/** True for a call that a pattern is about, and for each where there are none. */
export function isAskedAbout(patterns: readonly ToolPattern[], call: AskedTool): boolean {
  return patterns.length === 0 || patterns.some(pattern => fits(pattern, call));
}

function fits({ name, argument }: ToolPattern, { tool, input }: AskedTool): boolean {
  if (!isLike(name, tool)) return false;
  if (argument === undefined) return true;
  const said = argumentOf(input);
  return said !== undefined && isLike(argument, said);
}

/** The argument that a pattern is held against. */
export function argumentOf(input: object): string | undefined {
  const fields = new Map<string, unknown>(Object.entries(input));
  const found = ARGUMENTS.find(name => typeof fields.get(name) === 'string');
  return found === undefined ? undefined : String(fields.get(found));
}

/** Each part is looked for once, behind the one before it: no text makes this slow. */
function isLike([first = '', ...others]: Glob, text: string): boolean {
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
