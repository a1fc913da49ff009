import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { character, fc } from '../runs.ts';
import { root } from '../cli/stage-process.ts';
import { imageIn, PackerOutput, parsePackerLine } from '../../src/build/packer-output.ts';

describe("a line of Packer's machine-readable output", () => {
  test.each([
    [
      '1611234567,amazon-ebs,ui,say,==> amazon-ebs: a%!(PACKER_COMMA) b\\nc',
      ['say', '==> amazon-ebs: a, b\nc'],
    ],
    ['1611234567,,ui,error,', ['error', '']],
    ['1,amazon-ebs,artifact,0,id,us-east-1:ami-1', ['0', 'id', 'us-east-1:ami-1']],
  ])('%s is split and unescaped', (line, data) => {
    expect(parsePackerLine(line)?.data).toEqual(data);
  });

  test.each([[''], ['panic: runtime error, goroutine 1'], ['x,y,z,w'], ['12']])('%j is none', (line) => {
    expect(parsePackerLine(line)).toBeUndefined();
  });

  test('is read without throwing, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (text) => {
        parsePackerLine(text);
        new PackerOutput('r').take(`1,amazon-ebs,${text}`);
      }),
    );
  });
});

test.each([
  ['us-east-1:ami-0a', 'ami-0a'],
  ['eu-west-1:ami-0b,us-east-1:ami-0a', 'ami-0a'],
  ['eu-west-1:ami-0b', undefined],
  ['us-east-1:nothing', undefined],
])('the image of %s in us-east-1 is %s', (artifact, image) => {
  expect(imageIn('us-east-1', artifact)).toBe(image);
});

describe('the output of a bake', () => {
  const say = (text: string) => `1,amazon-ebs,ui,say,==> amazon-ebs: ${text}`;
  const message = (text: string) => `1,amazon-ebs,ui,message,    amazon-ebs: ${text}`;

  test('gives phases, the instance, the text for a person, and the image', () => {
    const output = new PackerOutput('us-east-1');
    expect(output.take(say('Launching a source AWS instance...'))).toEqual({
      text: '==> amazon-ebs: Launching a source AWS instance...',
      phase: 'launching a machine',
    });
    expect(output.take(message('Instance ID: i-0abc'))).toMatchObject({ instanceId: 'i-0abc' });
    expect(output.take('1,amazon-ebs,artifact,0,id,eu-west-1:ami-2%!(PACKER_COMMA)us-east-1:ami-1')).toEqual(
      {},
    );
    expect(output.imageId).toBe('ami-1');
  });

  test('gives the same where Packer 1.16.0 with amazon plugin 1.8.2 prints it', () => {
    const output = new PackerOutput('us-east-1');
    const lines = readFileSync(join(root, 'test/build/fixtures/packer-1.16/baked.txt'), 'utf8').split('\n');
    const news = lines.map((line) => output.take(line));
    expect(news.flatMap(({ phase }) => phase ?? []).join(', ')).toBe(
      'launching a machine, machine booting, waiting for ssh, stopping the machine, imaging, terminating the machine, removing the key',
    );
    expect(news.flatMap(({ instanceId }) => instanceId ?? [])).toEqual(['i-0286f8ccd9a36fc54']);
    expect([output.imageId, output.launching]).toEqual(['ami-06db775aeaa9cf59a', false]);
  });

  test('does not take a phase from what the machine prints', () => {
    const output = new PackerOutput('us-east-1');
    expect(output.take(message('Creating AMI by hand'))).not.toHaveProperty('phase');
    output.take(say('Provisioning with shell script: /x/puppet.sh'));
    // As Packer 1.13 prints it.
    for (const line of ['Creating AMI x from instance y', 'Launching a source AWS instance...', 'Instance ID: i-0abc'])
      expect(output.take(say(line))).toEqual({ text: `==> amazon-ebs: ${line}` });
    expect(output.launching).toBe(false);
    expect(output.take(say('Provisioning with shell script: /x/seal.sh'))).toHaveProperty('phase', 'sealing');
    expect(output.take(say('Stopping the source instance...'))).toHaveProperty('phase');
  }); // prettier-ignore
});
