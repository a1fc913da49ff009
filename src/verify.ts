import { verifyImages } from './images/verify-images.ts';
import { writeJunit } from './junit/write-junit.ts';
import { loadNodes } from './nodes/load-nodes.ts';
import { orUnknown, readBakeRecord } from './packer/bake-record.ts';
import { judgeRun, rejectImage, withImageCases } from './puppet/judge-run.ts';
import { readEvidence } from './puppet/read-evidence.ts';
import type { RunVerdict } from './puppet/verdict.ts';
import { verifyResult } from './puppet/verify-result.ts';
import { verifyCommand } from './stage/commands.ts';
import { runStage } from './stage/run-stage.ts';

await runStage(verifyCommand, async ({ reports, secret, ...flags }, { say, signal }) => {
  const nodes = await loadNodes(flags.nodes, flags.node, say);
  const bakeOf = (name: string) => orUnknown(readBakeRecord(reports, name));
  // Not before an image is proved: without one verify needs neither the SDK nor an account.
  const connect = async () => (await import('./images/verify-account.ts')).verifyAccount(say, signal);
  let account: ReturnType<typeof connect> | undefined;
  const boot = async (verdict: RunVerdict) => {
    const bake = await readBakeRecord(reports, verdict.node);
    const { console } = await readEvidence(reports, verdict.node);
    const { prove } = await (account ??= connect());
    const node = nodes.find(({ name }) => name === verdict.node);
    const cases = await prove(node, bake, console, flags['boot-timeout']);
    return withImageCases(verdict, cases, secret);
  };
  return verifyResult(
    await verifyImages<RunVerdict>(
      nodes.map(({ name }) => name),
      {
        judge: async (name) => judgeRun(name, await bakeOf(name), await readEvidence(reports, name), secret),
        write: (verdict) => writeJunit(reports, verdict),
        markVerified: async (image, name) => (await (account ??= connect())).markVerified(image, name),
        reject: rejectImage,
        ...(flags.boot ? { boot } : {}),
      },
    ),
  );
});
