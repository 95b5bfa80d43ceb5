// Opening the gateway: its wings are made and put together, and close again as one.
import { limits } from '../../schemas/limits.js';
import { openrpcDocument } from '../../schemas/openrpc.js';
import { createIntake, type IntakeParts } from '../github/deliveries.js';
import { causeOf } from '../system/fault.js';
import { createInboxDelivery } from './inbox/inbox-delivery.js';
import { LeaseWaits } from './leases/lease-waits.js';
import { createFanout } from './observe/fanout.js';
import { createGateway, type Gateway, type GatewayConfig } from './server.js';

type Wings = 'fanout' | 'inbox' | 'leases' | 'openrpc' | 'webhook';

export interface GatewayOpening extends Omit<GatewayConfig, Wings | 'allowedHosts'> {
  /** See `GatewayConfig`; by default none. */
  allowedHosts?: readonly string[] | undefined;
  version: string;
  /** What GitHub signs with, and who notes what it tells; absent: it tells nothing here. */
  webhook?: { secret: string; note: IntakeParts['note'] } | undefined;
}

/** Listens until closed. Rejects with node's own error when the port is taken. */
export async function openGateway({
  webhook,
  version,
  ...config
}: GatewayOpening): Promise<Gateway> {
  const { door, log } = config;
  const fanout = createFanout(door, limits.ring_bytes, error =>
    log.error({ cause: causeOf(error) }, 'observers could not be told of a commit'),
  );
  const inbox = createInboxDelivery(door);
  const leases = new LeaseWaits(door);
  const onWarning = (line: string) => log.warn({}, line);
  const deliveries = webhook && createIntake({ note: webhook.note, onWarning });
  const gateway = await createGateway({
    ...config,
    allowedHosts: config.allowedHosts ?? [],
    fanout,
    inbox,
    leases,
    openrpc: madeOnce(() => openrpcDocument(version)),
    webhook: deliveries && { secret: webhook!.secret, offer: deliveries.offer },
  });
  const close = async () => {
    await gateway.close();
    await deliveries?.close();
    fanout.close();
    inbox.close();
    leases.close();
  };
  return { ...gateway, close };
}

/** Made when somebody asks: it takes longer than all else of an opening. */
function madeOnce(make: () => object): () => object {
  let made: object | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
