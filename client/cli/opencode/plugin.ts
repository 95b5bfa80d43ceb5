// The plugin of OpenCode, as the file that setup puts among its plugins: each export is one.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { type Host, hooksOf } from './hooks.js';

/** https://opencode.ai/docs/plugins */
export const SignalboxPlugin = async (host: Host) => hooksOf(host, limits.hook_wait_ms);
