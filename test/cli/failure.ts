// What a promise that must fail has failed with, so that a test can look at every part of it.

export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) throw new Error('it did not fail');
  return failure;
}
