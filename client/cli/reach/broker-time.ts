// The broker's time as this run of the command line knows it: every answer by POST tells it.
import { BrokerTime } from '../../sdk/identity.js';

/** A run reaches one broker. Until it has answered this is our own clock. */
export const brokerTime = new BrokerTime();
