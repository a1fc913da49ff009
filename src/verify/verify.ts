import { dirname } from 'node:path';
import { verifyAccount } from './boot/verify-account.ts';
import { verifyImages } from './boot/verify-images.ts';
import { removeEarlier, writeVerdict } from './junit.ts';
import type { Node } from '../nodes/node.ts';
import { bakeOfThisRun, keptVolumesOf, readBakeRecord } from '../build/bake-record.ts';
import { puppetInputs } from '../build/puppet-inputs.ts';
import { chooseNodes } from '../plan/plan-file.ts';
import { judgeRun, reject, setAside, withProof } from './judge-run.ts';
import { readConsole, readEvidence } from './read-evidence.ts';
import type { RunVerdict } from './verdict.ts';
import { writeVerifyRecords } from './verify-record.ts';
import { reasonOf, verifyResult } from './verify-result.ts';
import type { verifyCommand } from '../verify.ts';
import type { StageMain } from '../cli/run-stage.ts';

export const verify: StageMain<typeof verifyCommand> = async (flags, { say, signal }) => {
  const { reports, secret } = flags;
  const { nodes } = await chooseNodes(flags, say);
  await removeEarlier(reports, nodes);
  const write = writeVerdict.bind(undefined, reports);
  const account = verifyAccount(say, signal, keptVolumesOf.bind(undefined, reports));
  const judge = async ({ name, allowSkipped }: Node) => {
    const bake = await bakeOfThisRun(reports, name, process.env);
    return judgeRun(name, bake, await readEvidence(reports, name), secret, allowSkipped);
  };
  // Loaded for servers only: it takes a tenth of a second.
  const runner = flags.boot ? (await import('./noop-world.ts')).noopRunner : undefined;
  const noop = await runner?.(flags, nodes, say);
  const boot = async (verdict: RunVerdict, node: Node) => {
    const bake = await readBakeRecord(reports, node.name);
    const console = await readConsole(reports, node.name);
    const converge = node.converge ? noop?.bind(undefined, puppetInputs(node, bake)) : undefined;
    const order = { node, bake, console, converge, folder: dirname(flags.nodes) };
    return withProof(verdict, await account.prove({ ...order, bootMs: flags['boot-timeout'] }), secret);
  };
  const world = { ...account, judge, write, reject, setAside, reasonOf, signal, ...(noop && { boot }) };
  const verified = await verifyImages<Node, RunVerdict>(nodes, flags.parallel, world);
  await writeVerifyRecords(reports, verified);
  return verifyResult(verified);
};
