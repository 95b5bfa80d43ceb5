// The parts of a workspace: what is shipped for it, and in which way each lies there.
import { dirname } from 'node:path';
import { SHIM } from './personas.js';
import { type ShippedFile, skillFiles, templates } from './shipped.js';

/** One part, by its path in the workspace. */
export type WorkspacePart =
  /** A file that is shipped whole. */
  | { kind: 'file'; path: string; text: string }
  /** A marked block in a file that is its user's. */
  | { kind: 'block'; path: string; text: string }
  /** A file that is made once, and its user's from then on. */
  | { kind: 'seed'; path: string; text: string }
  /** A relative symbolic link to a folder of the workspace. */
  | { kind: 'link'; path: string; target: string }
  /** A marked copy of a file of the workspace, where there can be no links. */
  | { kind: 'copy'; path: string; of: string };

/** What is asked for beside what is shipped. */
export interface WorkspaceWish {
  circle?: string;
}

/** Every part, folders of skills linked; the files of settings first. */
export function wantedParts({ circle }: WorkspaceWish): WorkspacePart[] {
  const shipped = templates().map(
    ({ path, text }): WorkspacePart => ({ kind: kindOf(path), path, text }),
  );
  const skills = skillFiles();
  const names = [...new Set(skills.map(({ path }) => skillOf(path)))];
  return [
    { kind: 'seed', path: CONFIG, text: configText(circle) },
    ...shipped,
    ...skills.map(({ path, text }): WorkspacePart => ({ kind: 'file', path, text })),
    ...names.map(
      (name): WorkspacePart => ({
        kind: 'link',
        path: `${CLAUDE_SKILLS}/${name}`,
        target: `../../${SKILLS}/${name}`,
      }),
    ),
  ];
}

function kindOf(path: string): 'block' | 'seed' | 'file' {
  if (path === BLOCK) return 'block';
  return path === SHIM ? 'seed' : 'file';
}

/** What stands for the link to a skill where there can be none: its files once more. */
export function copiesFor(link: WorkspacePart): WorkspacePart[] {
  const name = link.path.slice(CLAUDE_SKILLS.length + 1);
  const isOf = ({ path }: ShippedFile) => skillOf(path) === name;
  return skillFiles()
    .filter(isOf)
    .map(({ path }) => {
      const copy = CLAUDE_SKILLS + path.slice(SKILLS.length);
      return { kind: 'copy', path: copy, of: path };
    });
}

/** The text of a copy, with a mark that says of what. */
export function copyText(of: string, text: string): string {
  return `${text}\n<!-- signalbox: a copy of ${of}, as there can be no link here -->\n`;
}

/** Whether a path is of a skill: nothing else is ever removed. */
export function isOfSkill(path: string): boolean {
  return [SKILLS, CLAUDE_SKILLS].some(room => path.startsWith(`${room}/`));
}

/** The config file of the project. */
export const CONFIG = '.signalbox.yaml';
/** Where a block of ours joins what its user wrote. */
const BLOCK = 'AGENTS.md';
const SKILLS = '.agents/skills';
const CLAUDE_SKILLS = '.claude/skills';

function skillOf(path: string): string {
  return (
    dirname(path)
      .slice(SKILLS.length + 1)
      .split('/')[0] ?? ''
  );
}

function configText(circle: string | undefined): string {
  return `role: orchestrator\n${circle === undefined ? '' : `circle: ${circle}\n`}`;
}
