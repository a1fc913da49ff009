import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import type { IngressRule } from '../../src/doctor/account-calls.ts';
import { isPublic, judgeGroups, opens } from '../../src/doctor/judge-account.ts';

const rule = (over: Partial<IngressRule> = {}): IngressRule => ({
  protocol: 'tcp',
  from: 22,
  to: 22,
  cidrs: ['10.0.0.0/8'],
  others: [],
  ...over,
});
const group = (...ingress: IngressRule[]) => ({ id: 'sg-1', ingress });
const judge = (ingress: IngressRule[], ports = [22]) =>
  judgeGroups('packer', 'vpc-1', ports, [group(...ingress)]);

describe('the group', () => {
  test('that is missing can be made by the advice', () => {
    expect(judgeGroups('packer', 'vpc-1', [22], [])).toMatchObject({
      check: 'group packer',
      state: 'missing',
      advice: expect.stringMatching(/create-security-group --group-name packer .*--vpc-id vpc-1/),
    });
  });

  test('beside another lets in whom one of the two lets in', () => {
    const judged = (other: IngressRule) =>
      judgeGroups('packer', 'vpc-1', [22], [group(), { ...group(other), id: 'sg-2' }]);
    expect(judged(rule())).toMatchObject({
      state: 'ok',
      found: 'sg-1, sg-2 in vpc-1, ssh open to 10.0.0.0/8',
    });
    expect(judged(rule({ cidrs: ['0.0.0.0/0'] }))).toMatchObject({ state: 'wrong' });
  });

  test.each<[string, IngressRule[], string, string]>([
    ['open for ssh to a network', [rule()], 'ok', 'ssh open to 10.0.0.0/8'],
    ['open to another group', [rule({ cidrs: [], others: ['sg-9'] })], 'ok', 'ssh open to sg-9'],
    ['open to a list of networks', [rule({ cidrs: [], others: ['pl-9'] })], 'warning', 'ssh open to pl-9'],
    ['open for all to one address', [rule({ protocol: '-1', from: undefined, to: undefined })], 'ok', '10.0'],
    ['open for a range of ports', [rule({ from: 1, to: 1024 })], 'ok', '10.0'],
    ['without a rule', [], 'wrong', 'no address may reach port 22'],
    ['open for nobody', [rule({ cidrs: [] })], 'wrong', 'no address may reach port 22'],
    ['open for another port', [rule({ from: 80, to: 443 })], 'wrong', 'no address may reach port 22'],
    ['open for UDP', [rule({ protocol: 'udp' })], 'wrong', 'no address may reach port 22'],
    ['open to every address', [rule({ cidrs: ['0.0.0.0/0'] })], 'wrong', 'ssh is open to 0.0.0.0/0'],
    [
      'open to every IPv6 address',
      [rule({ cidrs: ['10.0.0.1/32', '::/0'] })],
      'wrong',
      'ssh is open to ::/0',
    ],
    [
      'open to both halves of all addresses',
      [rule({ cidrs: ['0.0.0.0/1', '128.0.0.0/1'] })],
      'wrong',
      '0.0.0.0/1, 128.0.0.0/1',
    ],
    [
      'also open to every address',
      [rule(), rule({ protocol: '-1', from: undefined, to: undefined, cidrs: ['0.0.0.0/0'] })],
      'wrong',
      'ssh is open to 0.0.0.0/0',
    ],
    [
      'open to every address for another port',
      [rule(), rule({ from: 80, to: 80, cidrs: ['0.0.0.0/0'] })],
      'warning',
      'open to 0.0.0.0/0',
    ],
  ])('%s', (_, ingress, state, found) => {
    expect(judge(ingress)).toMatchObject({ state, found: expect.stringContaining(found) });
  });

  test("is judged by each of its nodes' ssh ports", () => {
    expect(judge([rule()], [22, 2222])).toMatchObject({
      state: 'wrong',
      found: expect.stringContaining('port 2222'),
      advice: expect.stringContaining('--port 2222'),
    });
    expect(judge([rule({ cidrs: ['0.0.0.0/0'] })], [2222]).state).toBe('wrong');
  });
});

const octets = fc.tuple(...[0, 1, 2, 3].map(() => fc.nat(255))).map((parts) => parts.join('.'));
const cidr = (least: number, most: number) =>
  fc.tuple(octets, fc.integer({ min: least, max: most })).map(([address, length]) => `${address}/${length}`);
const port = fc.integer({ min: 1, max: 65_535 });
const anyRule: fc.Arbitrary<IngressRule> = fc.record({
  protocol: fc.constantFrom('tcp', '6', 'udp', 'icmp', '-1'),
  from: fc.option(port, { nil: undefined }),
  to: fc.option(port, { nil: undefined }),
  cidrs: fc.array(cidr(0, 32), { maxLength: 3 }),
  others: fc.array(fc.constantFrom('sg-8', 'pl-9'), { maxLength: 2 }),
});

test('a group whose ssh port is open to every address is wrong, whatever its other rules', () => {
  fc.assert(
    fc.property(fc.array(anyRule), cidr(0, 7), port, fc.nat(), (others, all, ssh, at) => {
      const open = rule({ from: ssh, to: ssh, cidrs: [all] });
      const ingress = others.toSpliced(at % (others.length + 1), 0, open);
      expect(judge(ingress, [ssh]).state).toBe('wrong');
    }),
  );
});

test('a group that is ok lets somebody in at each ssh port, and nobody from everywhere at any', () => {
  fc.assert(
    fc.property(fc.array(anyRule), fc.uniqueArray(port, { minLength: 1, maxLength: 3 }), (ingress, ports) => {
      if (judge(ingress, ports).state !== 'ok') return;
      for (const ssh of ports) {
        expect(ingress.some((one) => opens(one, ssh) && one.cidrs.length + one.others.length > 0)).toBe(true);
      }
      expect(ingress.flatMap(({ cidrs }) => cidrs).filter(isPublic)).toEqual([]);
      // Nobody has read the prefix list, so it is not known to be fine.
      const seen = ingress.filter((one) => ports.some((ssh) => opens(one, ssh)));
      expect(seen.flatMap(({ others }) => others)).not.toContain('pl-9');
    }),
  );
});
