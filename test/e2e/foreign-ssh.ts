import { execa } from 'execa';

/** Runs a command on a machine that may still be booting. */
export async function ssh(host: string, keyFile: string, command: string): Promise<string> {
  const options = ['-i', keyFile, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  for (let tries = 0; ; tries += 1) {
    const args = [...options, '-o', 'ConnectTimeout=2', '-o', 'BatchMode=yes', `admin@${host}`, command];
    const { exitCode, stdout, stderr } = await execa('ssh', args, { reject: false, stdin: 'ignore' });
    if (exitCode !== 255) return stdout;
    if (tries > 30) throw new Error(`no ssh to ${host}: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
