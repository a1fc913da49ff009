import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a TCP port answers, for `timeoutMs` at most; not answering is no error.
 *
 * An instance counts as running only then: on EC2 a machine boots while the tools still poll for its state, here it
 * is quicker than they are, and Packer, refused once, tries ssh again no sooner than 5 s later.
 */
export async function answers(
  address: string,
  port: number,
  timeoutMs: number,
  over: () => boolean,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!over() && Date.now() < deadline) {
    if (await accepts(address, port)) return;
    await sleep(50);
  }
}

async function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 500 });
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => {
      end(true);
    });
    socket.once('timeout', () => {
      end(false);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}
