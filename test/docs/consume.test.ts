import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { parse, type ScalarTag } from 'yaml';
import { temporaryFolder } from '../cli/stage-process.ts';
import { readPage } from './pages.ts';

/** The examples of docs/consume.md, as they stand there. What they call on AWS, test/e2e/consume.e2e.test.ts calls. */

const page = readPage('docs/consume.md');
const exampleIn = (language: string) => {
  const [, text = ''] = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(page.text) ?? [];
  return text;
};

/** Whether a program is on this computer; if not, says loudly that a test is left out. */
async function has(program: string, ...args: string[]): Promise<boolean> {
  const { failed } = await execa(program, args, { reject: false });
  if (failed) process.stderr.write(`SKIPPED: ${program} is not installed, so it does not check docs/consume.md\n`);
  return !failed;
} // prettier-ignore

/** CloudFormation's short forms, kept as the objects that they stand for. */
const ref: ScalarTag = { tag: '!Ref', resolve: (name) => ({ Ref: name }) };

describe('the CloudFormation template of docs/consume.md', () => {
  const text = exampleIn('yaml');

  test('launches the image that the parameter of a node holds', () => {
    expect(parse(text, { customTags: [ref] })).toEqual({
      Parameters: {
        Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/bakehouse/web' },
      },
      Resources: {
        Template: {
          Type: 'AWS::EC2::LaunchTemplate',
          Properties: {
            LaunchTemplateName: 'web',
            LaunchTemplateData: { ImageId: { Ref: 'Image' }, InstanceType: 't3.small' },
          },
        },
      },
    });
  });

  // A package of Python: who has it, has this test.
  test('has no finding of cfn-lint', async () => {
    if (!(await has('cfn-lint', '--version'))) return;
    const folder = temporaryFolder();
    writeFileSync(join(folder.path, 'template.yaml'), text);
    const { all } = await execa('cfn-lint', [join(folder.path, 'template.yaml')], { all: true, reject: false }); // prettier-ignore
    folder.remove();
    expect(all).toBe('');
  }, 60_000);
});

describe('the Terraform example of docs/consume.md', () => {
  const text = exampleIn('hcl');

  test('looks up the parameter of a node and gives its value to a launch template', () => {
    expect(text).toMatch(/data "aws_ssm_parameter" "web" \{\n +name = "\/bakehouse\/web"\n\}/);
    expect(text).toContain('data.aws_ssm_parameter.web.value');
    expect(text.match(/\{/g)).toHaveLength(text.match(/\}/g)?.length ?? 0);
  });

  // `terraform validate` would need the provider, which comes from Terraform's registry only.
  test('is written as terraform fmt writes it', async () => {
    if (!(await has('terraform', 'version'))) return;
    const { stdout } = await execa('terraform', ['fmt', '-no-color', '-'], { input: text, stripFinalNewline: false }); // prettier-ignore
    expect(stdout).toBe(text);
  }, 60_000);
});

test('docs/consume.md names the same parameter and template in all examples', () => {
  const names = [...page.text.matchAll(/(?<=resolve:ssm:|--name |name = "|Default: )\/[\w/-]+/g)].map(([name]) => name);
  expect(names.length).toBeGreaterThan(8);
  expect([...new Set(names)]).toEqual(['/bakehouse/web']);
}); // prettier-ignore
