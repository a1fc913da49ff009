import { describe, expect, test } from '@jest/globals';
import { judgeRun } from '../../../src/verify/judge-run.ts';
import { runFailure } from '../../../src/puppet/report/run-failure.ts';
import { baked, evidenceOf, reportText } from '../../verify/evidence.ts';

/** What agent 7.23 printed against puppetserver 7.9.5, word for word but for the addresses. */
const unreachable = `Error: Connection to https://puppet:8140/puppet-ca/v1 failed, trying next route: Request to https://puppet:8140/puppet-ca/v1 failed after 0.001 seconds: Failed to open TCP connection to puppet:8140 (Connection refused - connect(2) for "puppet" port 8140)
Wrapped exception:
Failed to open TCP connection to puppet:8140 (Connection refused - connect(2) for "puppet" port 8140)
Error: No more routes to ca
Error: No more routes to ca
`;
const unknown = unreachable.replaceAll(
  'Connection refused - connect(2) for "puppet" port 8140',
  'getaddrinfo: Name or service not known',
);
const requested = `Info: Creating a new RSA SSL key for redis-cccccccccc.bake
Info: Creating a new SSL certificate request for redis-cccccccccc.bake
Info: Certificate for redis-cccccccccc.bake has not been signed yet
Couldn't fetch certificate from CA server; you might still need to sign this agent's certificate (redis-cccccccccc.bake).
`;
const notSigned = `${requested}Couldn't fetch certificate from CA server; you might still need to sign this agent's certificate (redis-cccccccccc.bake). Exiting now because the maxwaitforcert timeout has been exceeded.
`;
const mayNotWait = `${requested}Exiting now because the waitforcert setting is set to 0.\n`;
const known = `Info: Downloaded certificate for redis-aaaaaaaaaa.bake from https://puppet:8140/puppet-ca/v1
Error: The certificate for 'CN=redis-aaaaaaaaaa.bake' does not match its private key
`;
const clock = `Error: certificate verify failed [certificate is not yet valid for CN=Puppet CA: puppet]\n`;
const revoked = `Error: Request to https://puppet:8140/puppet/v3/file_metadatas/plugins?recurse=false failed after 0.001 seconds: SSL_read: sslv3 alert certificate unknown
Wrapped exception:
SSL_read: sslv3 alert certificate unknown
Error: Could not retrieve catalog from remote server: Request to https://puppet:8140/puppet/v3/catalog/x.bake?environment=production failed after 0.001 seconds: SSL_read: sslv3 alert certificate unknown
Error: Could not retrieve catalog; skipping run
`;
const otherName = `Error: Server hostname 'localhost' did not match server certificate; expected one of puppet, DNS:puppet\n`;
/** Of agents from Puppet 4 on against a server of Puppet 3, in its documentation of upgrades. */
const tooOld = `Error: Could not request certificate: Error 400 on SERVER: The environment must be purely alphanumeric, not 'puppet-ca'
Exiting; failed to retrieve certificate and waitforcert is disabled
`;
const notCompiled = `Info: Retrieving plugin
Error: Could not retrieve catalog from remote server: Error 500 on SERVER: Server Error: Evaluation Error: Error while evaluating a Function Call, no such role (file: /etc/puppet/code/environments/production/manifests/site.pp, line: 1, column: 16) on node redis-aaaaaaaaaa.bake
Warning: Not using cache on failed catalog
Error: Could not retrieve catalog; skipping run
`;

describe('what ended an agent without a catalog', () => {
  test.each([
    ['server-unreachable', unreachable, 'puppet:8140 cannot be reached (Connection refused)'],
    ['server-unknown', unknown, 'knows no Puppet server puppet:8140 (Name or service not known)'],
    ['certificate-not-signed', notSigned, 'did not sign the certificate redis-cccccccccc.bake in time'],
    ['certificate-not-signed', mayNotWait, 'did not sign the certificate redis-cccccccccc.bake in time'],
    ['certificate-known', known, 'has signed redis-aaaaaaaaaa.bake before'],
    ['certificate-clock', clock, 'Puppet CA: puppet is not valid yet: the clock'],
    ['certificate-refused', revoked, 'revoked'],
    ['certificate-untrusted', otherName, "correct `puppet_server`, or the server's dns_alt_names"],
    ['server-too-old', tooOld, 'older than the new machine'],
    ['not-compiled', notCompiled, 'no such role (manifests/site.pp:1:16)'],
  ])('is reported as %s', (reason, text, words) => {
    const failure = runFailure(text);
    expect(failure).toMatchObject({ reason, message: expect.stringContaining(words) });
    expect(failure?.message).not.toContain('\n');
  });

  test('has the place in the manifest that does not compile', () => {
    expect(runFailure(notCompiled)).toMatchObject({ file: 'manifests/site.pp', line: 1, column: 16 });
  });

  test('is reported as well when Puppet printed colours and carriage returns', () => {
    const coloured = notCompiled.replace(/^(Error.*)$/gm, '\u001b[1;31m$1\u001b[0m').replaceAll('\n', '\r\n');
    expect(runFailure(coloured)).toEqual(runFailure(notCompiled));
  });

  test('is not its waiting for a certificate that then came', () => {
    expect(runFailure(`${requested}${notCompiled}`)?.reason).toBe('not-compiled');
  });

  test('is nothing once a catalog is applied: what the server does then is in the resources', () => {
    expect(runFailure(`Info: Applying configuration version '1'\n${unreachable}`)).toBeUndefined();
  });

  test.each(['', 'Notice: Applied catalog in 1.2 seconds\n', 'Error: Could not set mode on ensure\n'])(
    'is not seen in %j',
    (text) => {
      expect(runFailure(text)).toBeUndefined();
    },
  );
});

describe('the verdict on such a run', () => {
  const failed = { ...baked, status: 'failed', puppetExitCode: 1 };

  test.each([unreachable, unknown, tooOld, notSigned, known, clock, notCompiled])(
    'names it first: %#',
    (console) => {
      const missing = { missing: 'no-report', message: 'there is no report of Puppet' } as const;
      const verdict = judgeRun('redis', failed, { report: missing, console });
      expect(verdict.problems[0]).toEqual(runFailure(console));
      expect(verdict.verified).toBe(false);
    },
  );

  test('also where the agent wrote a report of nothing', () => {
    const empty = reportText('failed').replace(
      /^resource_statuses:[\s\S]*?(?=^\S)/m,
      'resource_statuses: {}\n',
    );
    const { report } = evidenceOf(empty);
    expect(report).toMatchObject({ resources: [] });
    expect(judgeRun('redis', failed, { report, console: notCompiled }).problems[0]?.reason).toBe(
      'not-compiled',
    );
  });
});
