import { benchAgent } from './agent.ts';
import { benchBuild } from './build.ts';
import { benchCleanup } from './cleanup.ts';
import { benchGenerate } from './generate.ts';
import { benchJenkins } from './jenkins.ts';
import { benchPlan } from './plan.ts';
import { benchPromote } from './promote.ts';
import { benchReport } from './report.ts';
import { benchStages } from './stages.ts';
import { benchStart } from './start.ts';
import { benchPages } from './pages.ts';
import { benchStatus } from './status.ts';

/** `npm run bench`, or `npm run bench -- stages generate build agent start report cleanup plan promote status pages jenkins`: measures and prints; judges nothing. */

const all: Record<string, () => Promise<string[]>> = {
  stages: benchStages,
  generate: benchGenerate,
  build: benchBuild,
  agent: benchAgent,
  start: benchStart,
  report: benchReport,
  cleanup: benchCleanup,
  plan: benchPlan,
  promote: benchPromote,
  status: benchStatus,
  pages: benchPages,
  jenkins: benchJenkins,
};
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(all, name));
if (unknown.length > 0) {
  process.stderr.write(`bench: unknown: ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(all)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    for (const line of await bench()) process.stdout.write(`${line}\n`);
  }
}
