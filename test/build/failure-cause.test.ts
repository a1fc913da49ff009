import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { character, fc, runs } from '../runs.ts';
import { causeOf } from '../../src/build/failure-cause.ts';
import { PackerOutput } from '../../src/build/packer-output.ts';
import { root } from '../cli/stage-process.ts';

function failureIn(lines: readonly string[]) {
  const output = new PackerOutput('us-east-1');
  for (const line of lines) output.take(line);
  return output.failure;
}
const causeIn = (lines: readonly string[]) => causeOf(failureIn(lines));

/** What Packer printed of such a pack, script or cloud, with -machine-readable; run on the local cloud. */
const recorded = (name: string) =>
  readFileSync(join(root, 'test/build/fixtures', `${name}.txt`), 'utf8').split('\n');

function expectCause(name: string, message: RegExp, unavailable: boolean): void {
  const cause = causeIn(recorded(name));
  expect(cause.message).toMatch(message);
  expect(cause.message).not.toContain('\n');
  expect(cause.unavailable).toBe(unavailable);
}

describe('the cause of a bake that Packer 1.6.6 ended', () => {
  const away = true;
  test.each<[string, RegExp, true?]>([
    ['wrong-key', /^Packer refuses the pack: unknown configuration key: 'subnetid'$/],
    ['two-wrong-keys', /^Packer refuses the pack: unknown configuration key: 'siz', and 1 more$/],
    ['newer-key', /^Packer refuses the pack: unknown configuration key: 'deregistration_protection', which a newer amazon plugin knows$/],
    ['wrong-type', /error decoding 'ssh_timeout': time: invalid duration "abc"$/],
    ['wrong-type-list', /'security_group_ids\[0\]' expected type 'string', got unconvertible type 'map/],
    ['no-username', /An ssh_username must be specified/],
    ['not-json', /Error parsing JSON: invalid character '}' .* At line 1, column 17/],
    ['unknown-provisioner', /^Packer refuses the pack: error initializing .*Unknown provisioner pupet$/],
    ['no-script', /Bad script '\/nonexistent.sh': stat \/nonexistent.sh: no such file or directory$/],
    ['refused', /^error validating regions: .*127\.0\.0\.1:1: connect: connection refused$/, away],
    ['no-such-host', /lookup ec2\.nowhere\.invalid .*no such host$/, away],
    ['bad-secret', /^error validating regions: AuthFailure: AWS was not able to validate [^\n]*credentials$/, away],
    ['no-credentials', /^no valid credential sources .*NoCredentialProviders/, away],
    ['no-ami', /^Error querying AMI: InvalidAMIID.NotFound: The image id 'ami-\w+' does not exist$/],
    ['no-ami-by-filter', /^No AMI was found matching filters: .*Values: \["none-\*"\]/],
    ['no-type', /InvalidParameterValue: Invalid value 'm9.huge' for InstanceType/],
    ['no-subnet', /InvalidSubnetID.NotFound: The subnet ID/],
    ['run-InsufficientInstanceCapacity', /^Error launching source instance: InsufficientInstanceCapacity: /, away],
    ['run-VcpuLimitExceeded', /VcpuLimitExceeded: /, away],
    ['run-RequestLimitExceeded', /RequestLimitExceeded: /, away],
    ['denied', /^Error launching source instance: UnauthorizedOperation: /, away],
    ['describe-500', /to become ready: ResourceNotReady: exceeded wait attempts$/, away],
    ['snapshot-limit', /^Error creating AMI: SnapshotLimitExceeded: /, away],
    ['stop-throttled', /^Error stopping instance: RequestLimitExceeded: Request limit exceeded\.$/, away],
    ['ssh-timeout', /^Timeout waiting for SSH\.$/],
    ['exit-100', /exit code 100: E: Unable to locate package nosuchpackage$/],
    ['exit-126', /exit code 126: .*: \/etc\/hostname: Permission denied$/],
    ['exit-127', /exit code 127: .*nosuchcommand: not found$/],
    ['exit-1-silent', /^a script of the pack ended with exit code 1: it says nothing: see packer\.log$/],
    ['stderr', /exit code 3: two$/],
    ['upload', /^scp: \/nonexistent\/dir: No such file or directory$/],
    ['download', /^scp: \/nonexistent: No such file or directory$/],
    ['local-fails', /exit code 1: tar: \.\/x: file changed as we read it$/],
    ['reboot', /^Script disconnected unexpectedly/],
    ['crash-waiting', /^Packer crashed: see crash\.log$/, away],
  ])('%s is reported in one line', (name, message, ...unavailable) => {
    expectCause(name, message, unavailable.length > 0);
  }); // prettier-ignore
});

// From Packer 1.13 on, what a machine prints comes like a step of Packer; the plugin has the second SDK for Go.
describe('the cause of a bake that Packer 1.16.0 with amazon plugin 1.8.2 ended', () => {
  const away = true;
  test.each<[string, RegExp, true?]>([
    ['wrong-key', /^Packer refuses the pack: unknown configuration key: 'subnetid'$/],
    ['wrong-type', /error decoding 'ssh_timeout': time: invalid duration "abc"$/],
    ['not-json', /Error parsing JSON: invalid character '}' .* At line 1, column 15/],
    ['unknown-provisioner', /^Packer refuses the pack: The provisioner pupet is unknown by Packer, and is likely part of a plugin/],
    ['refused', /^error validating regions: .*127\.0\.0\.1:1: connect: connection refused$/, away],
    ['no-such-host', /lookup ec2\.nowhere\.invalid .*no such host$/, away],
    ['bad-secret', /GetCallerIdentity, api error InvalidClientTokenId: AWS was not able to validate [^\n]*credentials$/, away],
    ['no-credentials', /^No valid credential sources found$/, away],
    ['no-ami', /^Error querying AMI: .*, api error InvalidAMIID\.NotFound: The image id 'ami-\w+' does not exist$/],
    ['no-type', /, api error InvalidParameterValue: Invalid value 'm9.huge' for InstanceType/],
    ['no-subnet', /, api error InvalidSubnetID\.NotFound: The subnet ID/],
    ['run-InsufficientInstanceCapacity', /^Error launching source instance: .*, api error InsufficientInstanceCapacity: /, away],
    ['run-RequestLimitExceeded', /, api error RequestLimitExceeded: /, away],
    ['denied', /, api error UnauthorizedOperation: /, away],
    ['describe-500', /to become ready: .*, context deadline exceeded$/, away],
    ['snapshot-limit', /^Error creating AMI: .*, api error SnapshotLimitExceeded: /, away],
    ['ssh-timeout', /^Timeout waiting for SSH\.$/],
    ['exit-100', /exit code 100: E: Unable to locate package nosuchpackage$/],
    ['exit-126', /exit code 126: .*: \/etc\/hostname: Permission denied$/],
    ['exit-127', /exit code 127: .*nosuchcommand: not found$/],
    ['exit-1-silent', /^a script of the pack ended with exit code 1: it says nothing: see packer\.log$/],
    ['stderr', /exit code 3: two$/],
    ['upload', /^scp: \/nonexistent\/dir: No such file or directory$/],
    ['download', /^scp: \/nonexistent: No such file or directory$/],
    ['local-fails', /exit code 1: tar: \.\/x: file changed as we read it$/],
    ['reboot', /^Script disconnected unexpectedly/],
  ])('%s is reported in one line', (name, message, ...unavailable) => {
    expectCause(`packer-1.16/${name}`, message, unavailable.length > 0);
  }); // prettier-ignore
});

const script = (name: string, ...lines: string[]) => [
  `1,,ui,say,==> amazon-ebs: ${name === 'collect.sh' ? 'Running local' : 'Provisioning with'} shell script: /x/${name}`,
  ...lines.map((line) => `1,,ui,error,==> amazon-ebs: ${line}`),
  '1,,ui,say,==> amazon-ebs: Provisioning step had errors: Running the cleanup provisioner%!(PACKER_COMMA) if present...',
  '1,,ui,error,==> amazon-ebs: Error terminating instance%!(PACKER_COMMA) may still be around',
  '1,amazon-ebs,error,Script exited with non-zero exit status: 1. Allowed exit codes are: [0]',
];

describe('the cause of a script that failed', () => {
  test.each<[string, string[], string, boolean]>([
    ['apt, also behind a warning of cloud-init', script('bootstrap.sh', 'bootstrap.sh: warning: cloud-init ended with code 2: status: done', "E: Failed to fetch http://mirror/InRelease  Temporary failure resolving 'mirror'"), "bootstrap.sh ended with exit code 1: E: Failed to fetch http://mirror/InRelease Temporary failure resolving 'mirror'", true],
    ["apt's first line", script('bootstrap.sh', 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7', 'E: Unable to lock directory /var/lib/apt/lists/'), 'bootstrap.sh ended with exit code 1: E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7', false],
    ["dpkg's, where apt only names dpkg", script('bootstrap.sh', 'dpkg: error processing package x (--configure):', 'E: Sub-process /usr/bin/dpkg returned an error code (1)'), 'bootstrap.sh ended with exit code 1: dpkg: error processing package x (--configure):', false],
    ['the mirror of our own packages', script('bootstrap.sh', 'E: Failed to fetch http://deb.debian.org/x  Temporary failure resolving'), 'bootstrap.sh ended with exit code 1: E: Failed to fetch http://deb.debian.org/x Temporary failure resolving', true],
    ['what our own script says', script('judge.sh', 'judge.sh: the Puppet run had failures (exit code 6)'), 'the Puppet run had failures (exit code 6)', false],
    ["this computer's full disk", script('collect.sh', 'collect.sh: 55: printf: I/O error'), "this computer's disk is full: collect.sh: collect.sh: 55: printf: I/O error", true],
    ["the machine's full disk", script('puppet.sh', 'tar: x: Cannot write: No space left on device'), "the new machine's disk is full: puppet.sh: tar: x: Cannot write: No space left on device", false],
  ])('is %s', (_, lines, message, unavailable) => {
    expect(causeIn(lines)).toEqual({ message, unavailable });
  }); // prettier-ignore
});

test('a package of Puppet that the mirror lacks names the node, and where nodes.yaml asks for it', () => {
  const lines = script('bootstrap.sh', 'W: of no matter', "bootstrap.sh: the machine's package sources have no package openvox-agnt, which nodes.yaml asks for");
  const cause = causeOf(failureIn(lines), { name: 'redis', puppet: { package: 'openvox-agnt', askedAt: 'nodes.yaml:4:14' } });
  expect(cause).toEqual({
    message: "the machine's package sources have no package openvox-agnt, which node redis asks for (nodes.yaml:4:14)",
    unavailable: false,
  });
  // A mirror that does not answer is another matter: apt says so.
  const unreachable = script('bootstrap.sh', "E: Failed to fetch http://mirror/InRelease  Temporary failure resolving 'mirror'");
  expect(causeOf(failureIn(unreachable), { name: 'redis' })).toMatchObject({ unavailable: true });
}); // prettier-ignore

test('what a script prints is shown without secrets, also where it is cut', () => {
  const secret = 'hunter2-of-the-mirror';
  for (const line of [
    `E: Failed to fetch http://user:${secret}@mirror/InRelease  403  Forbidden`,
    `curl: password=${secret} was refused`,
    `${'x'.repeat(384)} password=${secret}`,
  ]) {
    const { message } = causeIn(script('bootstrap.sh', line));
    expect([line, message]).toEqual([line, expect.not.stringContaining(secret.slice(0, 4))]);
    expect(message).toContain('bootstrap.sh ended with exit code 1: ');
  }
});

test("is the script's last words also where Packer 1.13 prints the machine's lines like steps of its own", () => {
  const says = (text: string) => `1,,ui,say,==> amazon-ebs: ${text}`;
  const lines = ['Provisioning with shell script: /x/puppet.sh', 'Notice: one', 'Stopping redis', 'Uploading facts'];
  const failed = ['1,,ui,error,==> amazon-ebs: no such module', says('Applied'), ...script('', '').slice(2)];
  expect(causeIn([...lines.map(says), ...failed]).message).toBe('puppet.sh ended with exit code 1: no such module');
}); // prettier-ignore

const capacity = ['InsufficientInstanceCapacity', 'InsufficientHostCapacity', 'InsufficientReservedInstanceCapacity', 'InstanceLimitExceeded', 'VcpuLimitExceeded', 'MaxSpotInstanceCountExceeded', 'RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'ServiceUnavailable', 'InternalError', 'Unavailable', 'RequestTimeout', 'SnapshotLimitExceeded', 'ExpiredToken', 'AuthFailure']; // prettier-ignore
const network = ['dial tcp 10.0.0.1:443: i/o timeout', 'dial tcp: lookup ec2.x on 10.0.0.2:53: no such host', 'net/http: TLS handshake timeout', 'read tcp 10.0.0.1:5->10.0.0.2:443: read: connection reset by peer', 'dial tcp 127.0.0.1:1: connect: connection refused', 'unexpected EOF', 'operation error EC2: CreateTags, failed to get rate limit token, retry quota exceeded, 0 available, 5 requested', 'Post "https://ec2.us-east-1.amazonaws.com/": EOF']; // prettier-ignore
const steps = ['error validating regions', 'Error querying AMI', 'Error launching source instance', 'Error waiting for instance (i-0a) to become ready', 'Error stopping instance', 'Error creating AMI', 'Error waiting for AMI', 'Error adding tags to Resources ([]string{"ami-0a"})', 'Error creating temporary keypair']; // prettier-ignore
/** As the amazon builder of 1.6 says it, that of 1.0, and the plugin for 1.11 with the second SDK. */
const forms = [
  (code: string) => `${code}: some words\\n\tstatus code: 400%!(PACKER_COMMA) request id: 7af0`,
  (code: string) => `Some words. (${code})`,
  (code: string) => `operation error EC2: RunInstances%!(PACKER_COMMA) exceeded maximum number of attempts%!(PACKER_COMMA) 10%!(PACKER_COMMA) https response error StatusCode: 400%!(PACKER_COMMA) RequestID: 01791ddf-bb3a%!(PACKER_COMMA) api error ${code}: some words`,
]; // prettier-ignore

describe('whatever the cloud lacks', () => {
  const fault = fc.oneof(
    fc.tuple(fc.constantFrom(...capacity), fc.constantFrom(...forms)).map(([code, form]) => form(code)),
    fc.constantFrom(...network),
  );

  test('makes the bake one to try again, in any phase of Packer, and is reported without the ids of requests', () => {
    fc.assert(
      fc.property(fc.constantFrom(...steps), fault, (step, why) => {
        const cause = causeIn([`1,amazon-ebs,error,${step}: ${why}`]);
        expect(cause.unavailable).toBe(true);
        expect(cause.message.startsWith(`${step}: `)).toBe(true);
        expect(cause.message).not.toMatch(/request ?id|\n/i);
      }),
      runs(500),
    );
  });

  test('is the reason that EC2 gives for an instance that does not come up', () => {
    const cause = causeIn([
      '1,,ui,say,==> amazon-ebs: Launching a source AWS instance...',
      '1,,ui,error,==> amazon-ebs: Instance state change details: Server.InsufficientInstanceCapacity: no room',
      '1,amazon-ebs,error,Error waiting for instance (i-0a) to become ready: ResourceNotReady: failed waiting for successful resource state',
    ]);
    expect(cause).toMatchObject({ unavailable: true, message: expect.stringContaining('no room') });
  });

  test('is not what a script prints: a manifest that fails and names such words is to be corrected', () => {
    fc.assert(
      fc.property(fc.constantFrom(...steps), fault, (step, why) => {
        const printed = `${step}: ${why}`.replaceAll('\\n', ' ');
        for (const name of ['puppet.sh', 'judge.sh', 'collect.sh'])
          expect(causeIn(script(name, printed, `E: ${printed}`)).unavailable).toBe(false);
        expect(causeIn(script('bootstrap.sh', printed)).unavailable).toBe(false);
      }),
      runs(300),
    );
  });

  test('is no limit of one request, and nothing that the pack names wrongly', () => {
    for (const code of ['TagLimitExceeded', 'InvalidParameterValue', 'InvalidAMIID.Unavailable', 'MissingParameter', 'Unsupported'])
      expect(causeIn([`1,amazon-ebs,error,Error launching source instance: ${forms[0]?.(code) ?? ''}`]).unavailable).toBe(false);
  }); // prettier-ignore
});

test('is one line without a break, whatever Packer prints', () => {
  const piece = fc.oneof(
    fc.string({ unit: character }),
    fc.constantFrom('error', 'ui,error,', 'Error: Failed to prepare build: "x"', '\\n* ', '\\n', '==> amazon-ebs: '),
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece).map((parts) => `1,amazon-ebs,${parts.join('')}`)), (lines) => {
      const { message } = causeIn(lines);
      expect(message).not.toMatch(/[\r\n]/);
      expect(message.length).toBeLessThan(1_000);
      expect(message.length).toBeGreaterThan(0);
    }),
  );
}); // prettier-ignore
