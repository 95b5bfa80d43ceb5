// The broker that the rules of the tools share, with the mount of /mcp, which can be opened anew.
import t from 'tap';
import { openMcpMount } from '../../client/cli/mcp/mount.js';
import { type House, join, openBroker } from '../dsl/live-broker.js';
import { type HttpClient, httpClient } from '../dsl/mcp-http.js';
import { tempDir } from '../dsl/nats.js';

type Mount = Awaited<ReturnType<typeof openMcpMount>>;

interface HttpHouse extends House {
  /** The door of now. */
  mount(): Mount;
  /** What a broker does that was killed: forgets all sessions, and begins again. */
  forget(): Promise<void>;
  /** The directory of identities. */
  state: string;
  url: string;
  broker: { close(): Promise<void> };
}

async function openHttpHouse(): Promise<HttpHouse> {
  const [state, dataDir] = [await tempDir(t), await tempDir(t)];
  let mount: Mount | undefined;
  const house = await openBroker(t, {
    durability: 'os',
    dataDir,
    mounts: { '/mcp': (...exchange) => mount?.serve(...exchange) },
  });
  const open = () => openMcpMount({ ...house.ready, dataDir, state: () => state });
  mount = await open();
  t.teardown(() => mount?.close());
  return {
    ...house,
    state,
    url: `${house.ready.url}/mcp`,
    mount: () => mount as Mount,
    async forget() {
      const former = mount;
      mount = await open();
      await former?.close();
    },
  };
}

// Both are there before the first rule is named: tap would take an empty list for its end.
export const house = await openHttpHouse();
export const ada = await join(t, house, 'ada', { role: 'human' });

/** A session over HTTP, its hands shaken. */
export async function guest(
  { url, token }: { url: string; token: string },
  query = '',
  client = 'raw',
  version = '2025-11-25',
): Promise<HttpClient> {
  const one = httpClient({ url: `${url}${query}`, token });
  await one.shake(version, client);
  return one;
}
