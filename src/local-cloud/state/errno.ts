/** Says whether `error` is the system's error of that name, like ENOENT. */
export function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
