import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fc, runs } from '../../runs.ts';
import { consoleFailure } from '../../../src/puppet/report/console-failure.ts';
import { root } from '../../cli/stage-process.ts';

/** What Puppet 7.23 printed of such manifests. */
const recorded = (name: string) =>
  readFileSync(join(root, 'test/puppet/fixtures', `console-${name}.txt`), 'utf8');

/** As Puppet 7 prints a service that systemd could not start, by its provider's source. */
const journal = `Notice: Compiled catalog for web in environment production in 0.1 seconds
Info: Applying configuration version '1795793739'
Error: Systemd start for nginx failed!
journalctl log for nginx:
-- Journal begins at Fri 2026-11-27 15:00:00 UTC, ends at Fri 2026-11-27 15:10:00 UTC. --
Nov 27 15:10:00 web nginx[12]: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)

Error: /Stage[main]/Nginx/Service[nginx]/ensure: change from 'stopped' to 'running' failed: Systemd start for nginx failed!
journalctl log for nginx:
-- Journal begins at Fri 2026-11-27 15:00:00 UTC, ends at Fri 2026-11-27 15:10:00 UTC. --
Nov 27 15:10:00 web nginx[12]: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)

Notice: Applied catalog in 0.10 seconds
`;

describe('what failed in Puppet', () => {
  test.each([
    ['the first of three resources, with its output, and that there are more', recorded('three'), `Exec[make config] failed: '/bin/sh -c "echo reading settings; echo no such setting: port >&2; exit 3"' returned 3 instead of one of [0]: no such setting: port, and 2 more`],
    ['a service without an init script', recorded('service'), "Service[nosuch] failed: Could not find init script for 'nosuch'"],
    ['a service, with the last line of its journal', journal, 'Service[nginx] failed: Systemd start for nginx failed!: Nov 27 15:10:00 web nginx[12]: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)'],
    ["apt's reason, where a package cannot be installed", recorded('three').split('\n').filter((line) => !/make config|\/bin\/sh/.test(line)).join('\n'), "Package[nosuchpackage] failed: Execution of '/usr/bin/apt-get -q -y -o DPkg::Options::=--force-confold install nosuchpackage' returned 100: E: Unable to locate package nosuchpackage, and 1 more"],
    ['a file whose server went away', "Info: Applying configuration version '1'\nError: /Stage[main]/Main/Node[default]/File[/etc/late: x]: Could not evaluate: Could not retrieve file metadata for puppet:///modules/late/x: Connection refused\n", 'File[/etc/late: x] failed: Could not evaluate: Could not retrieve file metadata for puppet:///modules/late/x: Connection refused'],
    ['a class that there is not, with its place', recorded('class'), 'the catalog did not compile: Evaluation Error: Error while evaluating a Function Call, Could not find class ::nosuch for vm (manifests/site.pp:1:1) on node vm'],
    ['a slip of syntax', recorded('syntax'), "the catalog did not compile: Could not parse for environment production: Syntax error at '=' (manifests/site.pp:2:10) on node vm"],
    ['an unknown parameter', recorded('param'), "the catalog did not compile: no parameter named 'mod' (manifests/site.pp:1) on File[/x] (manifests/site.pp:1) on node vm"],
    ['an unknown function', recorded('func'), "the catalog did not compile: Evaluation Error: Unknown function: 'hiera_nope'. (manifests/site.pp:1:6) on node vm"],
  ])('is reported: %s', (_, text, message) => {
    expect(consoleFailure(text)?.message).toBe(message);
  }); // prettier-ignore

  test('keeps its end where it is long, and no half of a secret', () => {
    const long = (middle: string) =>
      consoleFailure(
        `Error: /Stage[main]/Main/File[/x]: Could not evaluate: Request to https://puppet:8140/${middle} failed after 0.002 seconds: (Connection refused)`,
      )?.message ?? '';
    const message = long('a'.repeat(400));
    expect(message).toMatch(/^File\[\/x\] failed: Could not evaluate: .* … .*\(Connection refused\)$/);
    expect(message.length).toBeLessThan(300);
    // Wherever the cut falls: the secret stands at both of its ends in turn.
    const secret = '?password=hunter2hunter2hunter2';
    for (let at = 0; at < 150; at += 3)
      for (const middle of [
        `${'a'.repeat(at)}${secret}&b=${'c'.repeat(300)}`,
        `${'a'.repeat(300)}${secret}&b=${'c'.repeat(at)}`,
      ])
        expect(long(middle)).not.toMatch(/hunter2|nter2h/);
  });

  test('is nothing where Puppet printed no error', () => {
    expect(consoleFailure("Notice: Applied catalog in 0.10 seconds\nbakehouse: puppet exit code 2\n")).toBeUndefined();
  }); // prettier-ignore

  test('keeps what kept an agent from its catalog as data', () => {
    expect(consoleFailure('Error: Could not retrieve catalog from remote server: Error 500 on SERVER: Server Error: x')).toMatchObject({ reason: 'not-compiled' });
  }); // prettier-ignore
});

test('is one line of bounded length, whatever Puppet prints', () => {
  const piece = fc.constantFrom('Error: ', '/Stage[main]/', 'Exec[', ']', '/returns: ', 'change from ', ' failed: ', '\n', 'E: x', '[', 'Notice: ', 'x'); // prettier-ignore
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => {
      const message = consoleFailure(parts.join(''))?.message ?? '';
      expect(message).not.toContain('\n');
    }),
    runs(1_000),
  );
});
