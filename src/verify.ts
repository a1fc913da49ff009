import { verifyImages } from './images/verify-images.ts';
import { writeJunit } from './junit/write-junit.ts';
import { loadNodes } from './nodes/load-nodes.ts';
import { BakeRecordError, readBakeRecord } from './packer/bake-record.ts';
import { judgeRun, rejectImage } from './puppet/judge-run.ts';
import { readEvidence } from './puppet/read-evidence.ts';
import type { RunVerdict } from './puppet/verdict.ts';
import { verifyResult } from './puppet/verify-result.ts';
import { verifyCommand } from './stage/commands.ts';
import { runStage } from './stage/run-stage.ts';

await runStage(verifyCommand, async ({ nodes: file, node, reports }, { say }) => {
  const nodes = await loadNodes(file, node, say);
  const bakeOf = (name: string) =>
    readBakeRecord(reports, name).catch((error: unknown) => {
      if (error instanceof BakeRecordError) return { unknown: error.message };
      throw error;
    });
  // Not before an image is proved: without one verify needs neither the SDK nor an account.
  const connect = async () => (await import('./images/verify-account.ts')).verifyAccount();
  let account: ReturnType<typeof connect> | undefined;
  const names = nodes.map(({ name }) => name);
  return verifyResult(
    await verifyImages<RunVerdict>(names, {
      judge: async (name) => judgeRun(name, await bakeOf(name), await readEvidence(reports, name)),
      write: (verdict) => writeJunit(reports, verdict),
      markVerified: async (image, name) => (await (account ??= connect())).markVerified(image, name),
      reject: rejectImage,
    }),
  );
});
