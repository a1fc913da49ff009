export type Distribution = 'debian-12';
export function distributionOf(name: string): Distribution | undefined {
  return /debian-12/.test(name) ? 'debian-12' : undefined;
}
