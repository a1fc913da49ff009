import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { fc } from '../../runs.ts';
import { parseBuilder, parseFacts } from '../../../src/verify/boot/server-facts.ts';
import { factsOf, probeOutput } from './servers.ts';

/** What a server of Debian 12 says. */
const probed = [
  'system\tdegraded',
  'failed-unit\tapt-daily.service',
  'failed-unit\tx@y.service',
  'machine-id\t0f3a',
  'host-key\tSHA256:abc+/1',
  'host-key\tSHA256:def',
  'host-key\t',
  'hostname\tip-10-0-0-7',
  'seed\t/var/lib/systemd/random-seed\t9c1e',
  'authorized\t/root/.ssh/authorized_keys\tcommand="echo a  b" ssh-rsa AAAA me@home',
  'authorized\t/home/admin/.ssh/authorized_keys\tssh-rsa\tBBBB\twith tabs',
  'login\troot\tusepam yes\tauthorizedkeyscommand /opt/aws/bin/eic_run_authorized_keys %u %f\tx\t',
  'password\tann\tset',
  'password\tbob\tempty',
  'history\t/home/ann lee/.bash_history',
  'of-puppet\t/var/lib/puppet/state/last_run_report.yaml',
  'of-bake\t/tmp/script_4711.sh',
  'unit\tpuppet.service\tmasked\tinactive',
  'unit\tpxp-agent.service\t\tinactive',
  'service\tredis-server\tenabled\tactive\t3',
  'service\tgone\t\t',
  'end',
  '',
].join('\n');

describe("the probe's output", () => {
  test('is read fact by fact', () => {
    expect(parseFacts(probed)).toEqual({
      system: 'degraded',
      failedUnits: ['apt-daily.service', 'x@y.service'],
      machineId: '0f3a',
      hostKeys: ['SHA256:abc+/1', 'SHA256:def'],
      hostname: 'ip-10-0-0-7',
      seeds: ['/var/lib/systemd/random-seed 9c1e'],
      authorized: [
        { file: '/root/.ssh/authorized_keys', line: 'command="echo a  b" ssh-rsa AAAA me@home' },
        { file: '/home/admin/.ssh/authorized_keys', line: 'ssh-rsa\tBBBB\twith tabs' },
      ],
      logins: [
        {
          user: 'root',
          settings: new Map([
            ['usepam', 'yes'],
            ['authorizedkeyscommand', '/opt/aws/bin/eic_run_authorized_keys %u %f'],
          ]),
        },
      ],
      passwords: [
        { user: 'ann', state: 'set' },
        { user: 'bob', state: 'empty' },
      ],
      history: ['/home/ann lee/.bash_history'],
      ofPuppet: ['/var/lib/puppet/state/last_run_report.yaml'],
      ofBake: ['/tmp/script_4711.sh'],
      units: [
        { name: 'puppet.service', enabled: 'masked', active: 'inactive' },
        { name: 'pxp-agent.service', enabled: '', active: 'inactive' },
      ],
      services: [
        { name: 'redis-server', enabled: 'enabled', active: 'active', restarts: 3 },
        { name: 'gone', enabled: '', active: '' },
      ],
    });
  });

  test('may hold no fact at all, and then says nothing good', () => {
    expect(parseFacts('end\n')).toMatchObject({ system: '', machineId: '', hostKeys: [], units: [] });
  });

  test('counts only as a whole, wherever it is cut off', () => {
    const whole = probed.trimEnd().length;
    for (let length = 0; length < whole; length += 1)
      expect(parseFacts(probed.slice(0, length))).toBeUndefined();
    expect(parseFacts(probed.slice(0, whole))).toBeDefined();
  });

  test.each([
    '',
    '\n',
    'system\trunning\n',
    'sudo: a password is required\n',
    `${probed}more\n`,
    'the end\n',
  ])('is none when it ends otherwise: %j', (output) => {
    expect(parseFacts(output)).toBeUndefined();
  });

  test('never throws, whatever a server says', () => {
    const line = fc.tuple(fc.constantFrom('system', 'unit', 'seed', 'authorized', 'x', ''), fc.string());
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const output = `${lines.map((words) => words.join('\t')).join('\n')}\nend\n`;
        expect(parseFacts(output)).toBeDefined();
      }),
    );
  });

  test('is what these tests take for it', () => {
    expect(parseFacts(probeOutput(factsOf(1)))).toEqual(factsOf(1));
  });
});

describe("the probe's script", () => {
  const file = fileURLToPath(new URL('../../../src/verify/boot/probe.sh', import.meta.url));

  test('is one that sh can read', async () => {
    await expect(execa('sh', ['-n', file])).resolves.toMatchObject({ exitCode: 0 });
  });

  test('says its end last, so that a part of it is not taken for all', () => {
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)).toBe('fact end');
  });
});

describe("what puppet.sh says of the bake's machine", () => {
  const said = [
    'Notice: Applied catalog in 12.20 seconds',
    'bakehouse: builder machine-id 5e884898',
    'bakehouse: builder host key SHA256:rsa',
    'bakehouse: builder host key SHA256:ed25519',
    'bakehouse: service cron running enabled active',
    'bakehouse: service my service unset static inactive',
    'bakehouse: service none stopped unknown unknown',
  ];

  test('is read with the services, once all of them are known', () => {
    const text = [...said, 'bakehouse: services known', 'bakehouse: puppet exit code 2', ''].join('\n');
    expect(parseBuilder(text)).toEqual({
      machineId: '5e884898',
      hostKeys: ['SHA256:rsa', 'SHA256:ed25519'],
      services: [
        { name: 'cron', ensure: 'running', enabled: 'enabled', active: 'active' },
        { name: 'my service', ensure: 'unset', enabled: 'static', active: 'inactive' },
        { name: 'none', ensure: 'stopped', enabled: 'unknown', active: 'unknown' },
      ],
    });
  });

  test('leaves the services unknown when it broke off before their end', () => {
    const facts = parseBuilder(said.join('\n'));
    expect(facts).not.toHaveProperty('services');
    expect(facts.machineId).toBe('5e884898');
  });

  test('may be that there is no service', () => {
    expect(parseBuilder('bakehouse: services known\n')).toEqual({ hostKeys: [], services: [] });
  });

  test('is nothing where it is said by another line', () => {
    const text = [
      'Notice: bakehouse: services known',
      'bakehouse: services known not',
      ' bakehouse: builder machine-id x',
    ];
    expect(parseBuilder(text.join('\n'))).toEqual({ hostKeys: [] });
    expect(parseBuilder('')).toEqual({ hostKeys: [] });
  });
});
