// The mount of /mcp, loaded when it is first asked for: a start of the broker does not wait for it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpMount } from '../../mcp/http/mount.js';
import type { Cli } from '../cli.js';

/** What of a ready broker the mount needs. */
interface ReadyBroker {
  url: string;
  token_file: string;
  mesh: string;
  log: string;
}

/** A mount for a broker that is yet to be ready. */
export function lateMount({ paths }: Pick<Cli, 'paths'>, dataDir: string) {
  let ready: ReadyBroker | undefined;
  let opening: Promise<McpMount> | undefined;
  let isClosed = false;
  const open = async (broker: ReadyBroker) => {
    const { openMcpMount } = await import('../mcp/mount.js');
    const { url, token_file, mesh, log } = broker;
    return openMcpMount({ url, token_file, mesh, log, dataDir, state: () => paths.state });
  };
  return {
    place(broker: ReadyBroker): void {
      ready = broker;
    },
    async serve(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
      if (ready === undefined || isClosed) {
        res.writeHead(503, { 'Retry-After': '1', Connection: 'close' }).end();
        return;
      }
      opening ??= open(ready);
      // What failed once may go well later.
      opening.catch(() => {
        opening = undefined;
      });
      await (await opening).serve(req, res, path);
    },
    async close(): Promise<void> {
      isClosed = true;
      await (await opening)?.close();
    },
  };
}
