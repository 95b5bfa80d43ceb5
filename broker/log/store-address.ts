// Parsing a `--nats` URL and a credentials file: addresses without secrets, and who logs in.
export interface StoreAddress {
  /** `host:port`, fit for messages. */
  servers: string[];
  user?: string;
  password?: string;
  token?: string;
  /** The URL insists on TLS; without it TLS is used where the server asks for it. */
  tls: boolean;
  /** The JetStream domain of the store, where the servers are leaf nodes of its cluster. */
  domain?: string;
}

/**
 * Reads `nats://[user:password@|token@]host[:port][?domain=name]`, or several of them with commas;
 * `tls://` insists on TLS. Credentials stand in one of them, or alike in several. Throws for
 * anything else, without repeating the text: it may hold a password.
 */
export function readStoreAddress(text: string): StoreAddress {
  const urls = text.split(',').map(part => readUrl(part.trim()));
  const address: StoreAddress = {
    servers: urls.map(url => `${url.hostname}:${url.port || '4222'}`),
    tls: urls.some(url => url.protocol === 'tls:'),
    ...domainOf(urls),
  };
  const [named, ...others] = urls.filter(url => url.username !== '');
  if (!named) return address;
  const isSame = ({ username, password }: URL) =>
    username === named.username && password === named.password;
  if (!others.every(isSame)) {
    throw new Error(
      'The NATS addresses bear different credentials; one user is known to them all.',
    );
  }
  const name = decodeURIComponent(named.username);
  if (named.password === '') return { ...address, token: name };
  return { ...address, user: name, password: decodeURIComponent(named.password) };
}

/** A domain is one word of a subject; it need stand in one of the addresses only. */
function domainOf(urls: readonly URL[]): { domain?: string } {
  const [domain, other] = new Set(urls.flatMap(url => url.searchParams.getAll('domain')));
  if (domain === undefined) return {};
  if (other === undefined && /^[A-Za-z0-9_-]{1,64}$/.test(domain)) return { domain };
  throw new Error('The JetStream domain of the NATS address is one word of letters and digits.');
}

function readUrl(text: string): URL {
  const full = text.includes('://') ? text : `nats://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url?.hostname && ['nats:', 'tls:'].includes(url.protocol)) return url;
  throw new Error('The NATS address must look like nats://user:password@host:4222.');
}

/** Who logs in by key: the seed signs the challenge of the server. */
export interface StoreKey {
  seed: string;
  /** What the operator of the servers says of the key's user. */
  jwt?: string;
}

const JWT_BEGIN = 'BEGIN NATS USER JWT';
const JWT = /BEGIN NATS USER JWT-+\s+([\w-]+\.[\w-]+\.[\w-]+)\s+-+END/;
const USER_SEED = /^[ \t]*(SU[A-Z2-7]{56})\s*$/m;

/**
 * Reads a `.creds` file (a user's JWT and nkey seed) or a file with an nkey seed alone; undefined
 * for anything else.
 * https://docs.nats.io/using-nats/developer/connecting/creds
 */
export function readStoreKey(text: string): StoreKey | undefined {
  const seed = USER_SEED.exec(text)?.[1];
  const jwt = JWT.exec(text)?.[1];
  if (seed === undefined || (jwt === undefined && text.includes(JWT_BEGIN))) return undefined;
  return { seed, ...(jwt !== undefined && { jwt }) };
}
