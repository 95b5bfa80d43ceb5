// The rules of checkpoints: one is void whose digest is not the digest of this very history.
import { limits } from '../../../schemas/limits.js';
import type { View } from '../shared/view.js';
import { DIGEST_HEX, KEY_HEX, SIGNATURE_HEX, STATE } from './checkpoint.js';

const isState = (text: string | undefined) => text === undefined || STATE.test(text);
const isCount = (count: number | undefined) =>
  count === undefined || (Number.isSafeInteger(count) && count >= 0);

/**
 * Signatures are not judged here: a verdict must be the same with every build of the cryptography,
 * and a log must fold fast. Whoever goes by a checkpoint looks at its signature.
 */
export const checkpointsView = {
  check: {
    'log.checkpointed': ({ checkpoints }, { event, position }) => {
      const { sequence, digest, events, state, key, signature } = event;
      const isShaped =
        isCount(sequence) &&
        isCount(events) &&
        DIGEST_HEX.test(digest) &&
        isState(state) &&
        KEY_HEX.test(key) &&
        SIGNATURE_HEX.test(signature);
      if (!isShaped) return 'malformed';
      if (sequence >= Math.floor(position / limits.commit_positions)) return 'early';
      const last = checkpoints.rows.get(key)?.sequence ?? -1;
      const isSaid = state === undefined ? last === sequence : checkpoints.claimOf(key, sequence);
      if (isSaid) return 'duplicate';
      if (state === undefined && last > sequence) return 'stale';
      const known = checkpoints.digestAt(sequence);
      if (known === undefined) return 'stale';
      return known === digest ? undefined : 'diverged';
    },
  },
  apply: {
    'log.checkpointed': ({ checkpoints }, { event, position, time }) => {
      const { sequence, digest, events, state, key, signature, by } = event;
      checkpoints.put({ sequence, digest, events, state, key, signature, by, position, time });
    },
  },
} satisfies View;
