// Why the system would not do what was asked of it, in its own words without its codes.
/** True for an error that comes from the system, and not from a fault in the program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** `EACCES: permission denied, open '/x'` as `permission denied`. */
export function why(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, words] = /^E[A-Z0-9]+: ([^,]+)(?:, \w+.*)?$/.exec(message) ?? [];
  return words ?? message;
}
