#!/usr/bin/env node
import { extname } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { printDiagnosis, printResult } from './cli/print.ts';
import { isMain, versionText } from './cli/run-stage.ts';
import { exitCode } from './lib/errors.ts';

/** The commands of the package's one program, each with its line of help and how it runs as this very process. */
const commands: Record<string, { help: string; run: (argv: readonly string[]) => Promise<void> }> = {
  init: {
    help: 'writes what a repository needs and does not have',
    run: async (argv) => (await import('./init.ts')).runInit(argv),
  },
  upgrade: {
    help: "merges the package's changes into a team's files",
    run: async (argv) => (await import('./upgrade.ts')).runUpgrade(argv),
  },
  plan: {
    help: 'which nodes must be baked, and why',
    run: async (argv) => (await import('./plan.ts')).runPlan(argv),
  },
  generate: {
    help: 'writes a Packer template for each node',
    run: async (argv) => (await import('./generate.ts')).runGenerate(argv),
  },
  build: {
    help: 'bakes an image of each node',
    run: async (argv) => (await import('./build.ts')).runBuild(argv),
  },
  verify: {
    help: 'checks what Puppet did, and tags verified images',
    run: async (argv) => (await import('./verify.ts')).runVerify(argv),
  },
  promote: {
    help: 'puts verified images into service, in every region; rolls back, revokes',
    run: async (argv) => (await import('./promote.ts')).runPromote(argv),
  },
  cleanup: {
    help: 'deletes old images and leftovers',
    run: async (argv) => (await import('./cleanup.ts')).runCleanup(argv),
  },
  contents: {
    help: 'what is in an image, and what changed from one to another',
    run: async (argv) => (await import('./contents.ts')).runContents(argv),
  },
  status: {
    help: 'a line for each node: its newest image, what is in service, what is next',
    run: async (argv) => (await import('./status.ts')).runStatus(argv),
  },
  report: {
    help: 'writes pages for a browser: all nodes, their images, what changed',
    run: async (argv) => (await import('./report.ts')).runReport(argv),
  },
  doctor: {
    help: 'checks this machine and the AWS account',
    run: async (argv) => (await import('./doctor.ts')).runDoctor(argv),
  },
  deploy: {
    help: 'writes facts of a node into its file, for an image per deploy',
    run: async (argv) => (await import('./deploy.ts')).runDeploy(argv),
  },
  jenkins: {
    help: "runs a step of the Jenkinsfile by the build's parameters",
    run: async (argv) => (await import('./jenkins.ts')).runJenkinsStep(argv),
  },
  'local-cloud': {
    help: "serves EC2's API on this computer, over real machines",
    // It imports nothing of ours, and nothing of ours imports it: it reads its flags itself.
    run: async () => {
      await import(new URL(`local-cloud/local-cloud${extname(import.meta.url)}`, import.meta.url).href);
    },
  },
};

const help = `bakehouse: bakes immutable server images

${Object.entries(commands)
  .map(([name, { help }]) => `  ${name.padEnd(12)} ${help}`)
  .join('\n')}

  --version    print the version

Example:
  npx bakehouse plan --help
`;

/** Runs a command of the program, or says which ones there are. */
async function runBakehouse([name = '--help', ...argv]: readonly string[]): Promise<void> {
  if (name === '--help') return printResult(help);
  if (name === '--version') return printResult(`${await versionText()}\n`);
  if (Object.hasOwn(commands, name)) return commands[name]?.run(argv);
  const near = closest(name, Object.keys(commands));
  const hint = distance(near, name) > 2 ? 'see bakehouse --help' : `did you mean ${near}?`;
  printDiagnosis(`bakehouse: there is no command ${JSON.stringify(name)}; ${hint}`);
  process.exitCode = exitCode.badInput;
}

if (isMain(import.meta.url)) await runBakehouse(process.argv.slice(2));
