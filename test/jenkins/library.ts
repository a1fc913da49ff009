import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cli/stage-process.ts';
import { isMain } from '../../src/cli/run-stage.ts';

/**
 * `npm run format` writes the pipeline for those who want no copy of it: the step `bakehouse` of a shared library, as Jenkins has
 * it in vars/ (https://www.jenkins.io/doc/book/pipeline/shared-libraries/#defining-declarative-pipelines). It is the Jenkinsfile
 * inside of a method, so that there is one pipeline to change. A team that has no copy has no jobs/install.sh either.
 */
export const libraryFile = join(root, 'vars/bakehouse.groovy');

/** What a person chooses for one build is no setting of a job. */
const ofOneBuild = ['NODES', 'REASON'];

/** The text of vars/bakehouse.groovy, made of the Jenkinsfile and jobs/install.sh. */
export function libraryText(): string {
  const read = (name: string) => readFileSync(join(root, name), 'utf8');
  const [, fields = '', block = '', methods = ''] =
    /^(?:\/\/.*\n)*([^]*?)(pipeline \{\n[^]*?\n\}\n)([^]*)$/.exec(read('Jenkinsfile')) ?? [];
  const defaults: string[] = [];
  const setting = (name: string, value: string) => {
    defaults.push(`${name}: '${value}'`);
    return `"\${settings.${name}}"`;
  };
  /** The first choice is the default. */
  const choices = (name: string, values: string) => {
    defaults.push(`${name}: ${values.split(', ')[0] ?? ''}`);
    return `[settings.${name}, ${values}].unique()`;
  };
  const pipeline = block
    .replace(
      /^( +string\(name: '(\w+)', defaultValue: )'(.*?)'/gm,
      (line, before: string, name: string, value: string) =>
        ofOneBuild.includes(name) ? line : before + setting(camelCase(name), value),
    )
    .replace(
      /^( +choice\(name: '(\w+)', choices: )\[(.*?)\]/gm,
      (_, before: string, name: string, values: string) => before + choices(camelCase(name), values),
    )
    .replace(
      /^( +BAKEHOUSE_(\w+) = )'(.*)'$/gm,
      (_, before: string, name: string, value: string) => before + setting(camelCase(name), value),
    );
  const install = read('jobs/install.sh')
    // A team's repository has nothing to compile.
    .replace(/^if \[ -f jobs\/compile[^]*?\nfi\n/m, '')
    .replace(/^ *# .*\n|^\n/gm, '');
  const text = [
    "// Bakehouse's pipeline as a step of a shared library (docs/jenkins.md). `npm run format` makes it of Jenkinsfile and jobs/install.sh.\n",
    fields,
    head(defaults),
    pipeline.replace(/^(?=.)/gm, '  '),
    '}\n',
    methods.replace("script: 'jobs/install.sh'", () => `script: '''${install}'''`),
  ].join('');
  // Comments are read in the Jenkinsfile.
  return text.replace(/^ +\/\/ .*\n|^\/\*\* .*\n/gm, '');
}

/** What the arguments are checked for, before anything of the pipeline runs. */
function head(defaults: string[]): string {
  const perLine = 5;
  const lines = defaults.map((one, index) => `${index % perLine === 0 ? '\n    ' : ' '}${one},`);
  return `/* groovylint-disable-next-line MethodSize */
def call(Object given = [:]) {
  Map settings = [${lines.join('')}
  ]
  List wrong = given instanceof Map ? [] : ["arguments have names, such as nodes: 'infra/nodes.yaml'"]
  for (String name in (wrong ? [] : given.keySet())) {
    if (settings[name] == null) {
      wrong << "\${name} is no argument"
    } else if (given[name] instanceof CharSequence) {
      settings[name] = given[name].toString()
    } else {
      wrong << "\${name} is no text in quotes"
    }
  }
  if (wrong) {
    error("bakehouse: \${wrong.join('; ')}; the arguments are \${settings.keySet().sort().join(', ')}")
  }

`;
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

if (isMain(import.meta.url)) writeFileSync(libraryFile, libraryText());
