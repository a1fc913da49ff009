import { dirname } from 'node:path/posix';
import { isHarmless, type InitPlace } from './decide-files.ts';
import type { FoundRepository } from './find-repository.ts';

/**
 * What a person does after init: a sentence or a command each, in sequence.
 * @param written the files that are there now and were not before
 */
export function nextSteps(
  found: FoundRepository,
  { nodes, manifests, settings }: InitPlace,
  written: readonly { file: string }[],
  version: string,
): string[] {
  const isWritten = (file: string) => written.some((one) => one.file === file);
  const nodesFlag = nodes === 'nodes.yaml' ? '' : ` --nodes ${quoted(nodes)}`;
  const manifestsFlag = ` --manifests ${quoted(manifests)}`;
  const beside = written.filter(({ file }) => file.endsWith('.bakehouse')).map(({ file }) => file);
  const own = beside.map((file) => file.replace('.bakehouse', ''));
  const { puppetfile, git, packageJson } = found;
  const moduleFolder = puppetfile === undefined ? '' : `${dirname(puppetfile)}/modules`.replace(/^\.\//, '');
  const unfit = Object.entries(settings).filter(([, value]) => value !== undefined && !isHarmless(value));
  const tops = written.map(({ file }) => file.split('/')[0] ?? file);
  const { file = 'package.json', tarball } = packageJson ?? {};
  // The tarball, too: npm ci elsewhere reads it.
  const ofNpm = [file, file.replace('package.json', 'package-lock.json'), ...(tarball ? [tarball] : [])];
  const commit = [...new Set([...tops, ...ofNpm])];
  return [
    ...(git === undefined ? ['git init'] : []),
    ...(packageJson === undefined ? ['npm init --yes'] : []),
    ...(packageJson?.hasBakehouse === true ? [] : [`npm install --save-dev bakehouse@${version}`]),
    ...(puppetfile === undefined
      ? []
      : [`r10k puppetfile install --puppetfile ${quoted(puppetfile)} --moduledir ${quoted(moduleFolder)}`]),
    ...(isWritten(nodes) ? [`Edit ${nodes}: group and size of each node.`] : []),
    ...(found.environments.length > 0
      ? [
          `See that ${manifests === '.' ? '' : `${manifests}/`}manifests/ has a node definition for each node: a bake's certificate name is NODE.bake, its fact bakehouse_node is NODE.`,
        ]
      : []),
    `npx bakehouse doctor${nodesFlag}`,
    'Without an AWS account, as root: npx bakehouse local-cloud -- bash (a shell; the next commands in it).',
    `npx bakehouse plan${nodesFlag}${manifestsFlag}`,
    `npx bakehouse generate${nodesFlag} --plan plan.json`,
    `npx bakehouse build${nodesFlag} --plan plan.json${manifestsFlag}`,
    `npx bakehouse verify${nodesFlag} --plan plan.json --boot${manifestsFlag}`,
    ...(beside.length === 0
      ? []
      : [
          `Your ${own.join(' and ')} stayed: the package's is ${beside.join(' and ')}, for you to call or to copy from.`,
        ]),
    ...unfit.map(
      ([name, value]) =>
        `For Jenkins and Vagrant, set ${name} to ${JSON.stringify(value)} by hand: init fills in plain names only.`,
    ),
    ...(git?.inside
      ? [
          `Jenkins runs a Jenkinsfile in the repository's top, not in ${git.inside}: put dir('…') around its steps.`,
        ]
      : []),
    ...(written.length === 0
      ? []
      : [`git add ${commit.map(quoted).join(' ')} && git commit -m 'Bakehouse bakes our images'`]),
  ];
}

/** A word of a command, as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
