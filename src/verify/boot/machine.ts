import type { SshEnd } from './ssh.ts';

/** A server that was launched to prove an image, as whatever proves it sees it. */
export interface Machine {
  /** Runs a script with sh as root; its arguments are not empty and hold no blanks or quotes. */
  run: (script: string, args: readonly string[], timeoutMs: number) => Promise<SshEnd>;
  /** Puts a file of ours there, for root only, in a folder that is there. */
  send: (file: string, path: string) => Promise<SshEnd>;
}
