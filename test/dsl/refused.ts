// What a call that was refused rejects with, as `t.rejects` wants to be told.
import type { RefusalName } from '../../schemas/refusal.js';

export function refused(refusal: RefusalName): { message: RegExp; refusal: RefusalName } {
  return { message: /./, refusal };
}
