// A process for tests to kill: starts a nats-server in the given directory and says its pid.

import { startNatsServer } from '../../broker/nats-server/server.js';
import { natsDefaults } from '../dsl/nats.js';

const server = await startNatsServer(natsDefaults(process.argv[2]!));
process.stdout.write(`${server.pid}\n`);
