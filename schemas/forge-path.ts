// Canonical paths of pull requests: those under which forges keep one, each with one spelling.

export interface ReviewPath {
  segments: string[];
  /** Where it lies now, when its server has another name today. */
  host?: string;
}

interface Shape {
  /** Over the path in lower case; what follows the number is a part of the same review. */
  path: RegExp;
  /** From what `path` has found and the server's name. */
  spell(found: readonly string[], host: string): ReviewPath | undefined;
}

/** A number as forges count, and whatever stands behind it. */
const N = '([1-9]\\d{0,9})(?:\\.diff|\\.patch)?(?:/.*)?$';
const path = (text: string) => new RegExp(`^/${text}/${N}`);

const github: Shape = {
  path: path('([\\w.-]+)/([\\w.-]+)/pull'),
  spell: ([owner = '', repo = '', n = '']) => at(owner, bare(repo), 'pull', n),
};

const gitlab: Shape = {
  path: path('((?:[^/]+/)+?[^/]+)(?:/-)?/merge_requests'),
  spell: ([project = '', n = '']) => {
    const names = project.split('/');
    const repo = names.pop() ?? '';
    if (names.some(name => pages.has(name)) || pages.has(repo)) return undefined;
    return at(...names, bare(repo), '-', 'merge_requests', n);
  },
};

/** Below a project these begin a page of another kind, so no project or group is named so. */
const pages = new Set(['-', 'blob', 'tree', 'raw', 'commit', 'commits', 'blame', 'wikis']);

/** Gitea and what came from it; it may be kept one folder deep. */
const gitea: Shape = {
  path: path('(?:([^/]+)/)?([^/]+)/([^/]+)/pulls'),
  spell: ([folder, owner = '', repo = '', n = '']) => {
    // The addresses of interfaces for programs look alike.
    if (folder === 'repos' || folder === 'api') return undefined;
    return at(...(folder ? [folder] : []), owner, bare(repo), 'pulls', n);
  },
};

const bitbucketCloud: Shape = {
  path: path('([^/]+)/([^/]+)/pull-requests'),
  spell: ([team = '', repo = '', n = '']) => at(team, bare(repo), 'pull-requests', n),
};

const bitbucketServer: Shape = {
  path: path('(?:([^/]+)/)?(projects|users)/([^/]+)/repos/([^/]+)/pull-requests'),
  spell: ([folder, kind, owner = '', repo = '', n = '']) => {
    const project = kind === 'users' ? `~${owner}` : owner;
    const above = folder ? [folder] : [];
    return at(...above, 'projects', project, 'repos', bare(repo), 'pull-requests', n);
  },
};

const AZURE = 'dev.azure.com';
const azurePath = (above: string) =>
  path(`${above}_git/(?:_full/|_optimized/)?([^/]+)/pullrequest`);

/** A project whose repository has its name may be left out. */
function azureAt(org: string, project: string | undefined, repo: string, n: string): ReviewPath {
  const segments = [org, project ?? repo, '_git', repo, 'pullrequest', n];
  return { segments, host: AZURE };
}

const azure: Shape = {
  path: azurePath('([^/]+)/(?:([^/]+)/)?'),
  spell: ([org = '', project, repo = '', n = '']) => azureAt(org, project, repo, n),
};

const azureBefore: Shape = {
  path: azurePath('(?:defaultcollection/)?(?:([^/]+)/)?'),
  spell: ([project, repo = '', n = ''], host) => {
    return azureAt(host.split('.')[0] ?? '', project, repo, n);
  },
};

const azureServer: Shape = {
  path: azurePath('((?:[^/]+/)+)'),
  spell: ([above = '', repo = '', n = '']) => {
    return at(...above.split('/').filter(Boolean), '_git', repo, 'pullrequest', n);
  },
};

/** A server that is known has no other forge's paths. */
const known: readonly [RegExp, Shape][] = [
  [/^github\.com$|\.ghe\.com$/, github],
  [/^gitlab\.com$/, gitlab],
  [/^bitbucket\.org$/, bitbucketCloud],
  [/^dev\.azure\.com$/, azure],
  [/^[\w-]+\.visualstudio\.com$/, azureBefore],
  [/^(?:codeberg\.org|gitea\.com|gitee\.com)$/, gitea],
];

/** Any other server may be any of these. */
const own: readonly Shape[] = [github, gitlab, gitea, bitbucketServer, bitbucketCloud, azureServer];

/** Of no forge but theirs: what else lies there is no pull request. */
const NO_FORGE = /^(?:api|gist|docs|status)\.(?:github|gitlab|bitbucket)\.(?:com|org)$/;

/**
 * The one spelling of a review's path on a server. All these forges find a repository under any
 * mix of cases; so a path is in lower case.
 */
export function reviewPath(host: string, segments: readonly string[]): ReviewPath | undefined {
  if (NO_FORGE.test(host)) return undefined;
  const whole = `/${segments.join('/').toLowerCase()}`;
  const named = known.find(([server]) => server.test(host));
  for (const shape of named === undefined ? own : [named[1]]) {
    const found = shape.path.exec(whole);
    const spelling = found && shape.spell(found.slice(1), host);
    if (spelling) return spelling;
  }
  return undefined;
}

function at(...segments: string[]): ReviewPath {
  return { segments };
}

/** People take the address to clone from for the one to look at. */
function bare(repo: string): string {
  return repo.replace(/(?<=.)\.git$/, '');
}
