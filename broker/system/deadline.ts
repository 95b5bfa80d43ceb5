// A deadline for a promise: the work goes on, and only the waiting for it ends.
/** What `work` comes to, or `late` after `ms`. Rejects as the work does. */
export async function within<T, L>(work: Promise<T>, ms: number, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<L>(resolve => {
    timer = setTimeout(resolve, ms, late);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
