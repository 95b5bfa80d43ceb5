// Renames and transfers of repositories and their owners, read from the deliveries of GitHub.
import { readPrUrl } from '../../schemas/pr-url.js';
import { fieldsOf, idOf, momentOf, type RepoMove } from './facts.js';

/** From the payload of a `repository` or `organization` event; undefined for what is no move. */
export function readMove(event: string, payload: unknown): RepoMove | undefined {
  const { action, repository, organization, changes } = fieldsOf(payload);
  if (event === 'organization') {
    if (action !== 'renamed') return undefined;
    const before = fieldsOf(fieldsOf(changes).login).from;
    return ownerMove(payload, before, fieldsOf(organization).login);
  }
  const { html_url } = fieldsOf(repository);
  const to = typeof html_url === 'string' ? repoAddress(html_url) : undefined;
  const from = to && formerOf(action, fieldsOf(changes), to);
  if (to === undefined || from === undefined) return undefined;
  const moved_at = momentOf(fieldsOf(repository).updated_at);
  const repo = idOf(repository);
  return {
    from,
    to,
    ...(moved_at === undefined ? {} : { moved_at }),
    ...(repo === undefined ? {} : { repo }),
  };
}

/** The repository of a pull request's address. */
export function repoAddress(html_url: string): string | undefined {
  const { url, github } = readPrUrl(`${html_url}/pull/1`) ?? {};
  return github && url?.slice(0, -'/pull/1'.length);
}

function formerOf(action: unknown, changes: ReturnType<typeof fieldsOf>, to: string) {
  const [, site, owner, name] = /^(.*)\/([^/]+)\/([^/]+)$/.exec(to) ?? [];
  switch (action) {
    case 'created':
      return to;
    case 'renamed': {
      const { from } = fieldsOf(fieldsOf(changes.repository).name);
      return typeof from === 'string' ? repoAddress(`${site}/${owner}/${from}`) : undefined;
    }
    case 'transferred': {
      const login = loginOf(fieldsOf(changes.owner).from);
      return login === undefined ? undefined : repoAddress(`${site}/${login}/${name}`);
    }
    default:
      return undefined;
  }
}

/** Who owned it: a person or an organization. */
function loginOf(value: unknown): string | undefined {
  const { user, organization } = fieldsOf(value);
  const { login } = fieldsOf(user ?? organization);
  return typeof login === 'string' ? login : undefined;
}

function ownerMove(payload: unknown, before: unknown, after: unknown): RepoMove | undefined {
  if (typeof before !== 'string' || typeof after !== 'string') return undefined;
  const site = siteOf(payload);
  const [from, to] = [before, after].map(login => repoAddress(`${site}/${login}/x`)?.slice(0, -2));
  return from && to ? { from, to } : undefined;
}

/** An organization's payload names only where programs find it. */
function siteOf(payload: unknown): string {
  const { organization, sender } = fieldsOf(payload);
  const page = fieldsOf(sender).html_url ?? fieldsOf(organization).url;
  if (typeof page !== 'string' || !URL.canParse(page)) return 'https://github.com';
  return new URL(page).origin.replace(/^https:\/\/api\.(?=github\.com$|.*\.ghe\.com$)/, 'https://');
}
