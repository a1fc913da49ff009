import type { verifyEc2 } from './verify-ec2.ts';

type Account = Awaited<ReturnType<typeof verifyEc2>>;

/**
 * What verify asks of the account; it is connected to when first asked: without an image to tag verify needs neither
 * the SDK nor an account.
 * @param signal aborted: servers that were launched to prove an image are terminated
 */
export function verifyAccount(say: (line: string) => void, signal: AbortSignal): Account {
  const connect = async () => (await import('./verify-ec2.ts')).verifyEc2(say, signal);
  let connected: Promise<Account> | undefined;
  const account = () => (connected ??= connect());
  return {
    markVerified: async (...image) => (await account()).markVerified(...image),
    markRejected: async (...image) => (await account()).markRejected(...image),
    prove: async (order) => (await account()).prove(order),
  };
}
