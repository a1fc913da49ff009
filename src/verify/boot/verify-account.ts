import type { verifyEc2 } from './verify-ec2.ts';

type Account = Awaited<ReturnType<typeof verifyEc2>>;

/**
 * What verify asks of the account; it is connected to when first asked: without an image to tag verify needs neither
 * the SDK nor an account.
 * @param signal aborted: servers that were launched to prove an image are terminated
 * @param keptVolumes the devices whose volumes servers of a node's image may leave behind
 */
export function verifyAccount(
  say: (line: string) => void,
  signal: AbortSignal,
  keptVolumes: (node: string) => Promise<readonly string[]>,
) {
  const connect = async () => (await import('./verify-ec2.ts')).verifyEc2(say, signal);
  let connected: Promise<Account> | undefined;
  const account = () => (connected ??= connect());
  return {
    markVerified: async (imageId: string, node: string, isBooted: boolean) =>
      (await account()).markVerified(imageId, node, isBooted, await keptVolumes(node)),
    markRejected: async (...image: Parameters<Account['markRejected']>) =>
      (await account()).markRejected(...image),
    prove: async (order: Parameters<Account['prove']>[0]) => (await account()).prove(order),
  };
}
