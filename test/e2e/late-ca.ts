import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * As much of a Puppet server as an agent sees whose clock is behind the server's: a CA whose certificate is not valid
 * yet. (A puppetserver dates its CA back by a day and takes a minute to start.)
 */
export async function lateCa(folder: string, address: string): Promise<{ stop: () => Promise<void> }> {
  const at = (name: string) => join(folder, name);
  mkdirSync(folder);
  writeFileSync(at('index'), '');
  writeFileSync(at('serial'), '01\n');
  writeFileSync(
    at('ca.conf'),
    `[ca]
default_ca = late
[late]
database = ${at('index')}
serial = ${at('serial')}
new_certs_dir = ${folder}
default_md = sha256
policy = any
default_crl_days = 9
x509_extensions = authority
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectAltName = DNS:late
`,
  );
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(2, 19).replace(/[-:T]/g, '');
  const year = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(2, 19).replace(/[-:T]/g, '');
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: folder });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem')];
  await openssl('req', '-new', '-subj', '/CN=late', ...key, '-out', at('csr.pem'));
  const dates = ['-startdate', `${tomorrow}Z`, '-enddate', `${year}Z`];
  const self = [
    '-selfsign',
    '-keyfile',
    at('key.pem'),
    '-in',
    at('csr.pem'),
    '-out',
    at('ca.pem'),
    '-notext',
  ];
  await openssl('ca', '-batch', '-config', at('ca.conf'), ...dates, ...self);
  const own = ['-keyfile', at('key.pem'), '-cert', at('ca.pem')];
  await openssl('ca', '-config', at('ca.conf'), '-gencrl', ...own, '-out', at('crl.pem'));
  const [ca, crl] = [readFileSync(at('ca.pem')), readFileSync(at('crl.pem'))];
  const server = createServer({ cert: ca, key: readFileSync(at('key.pem')) }, (asked, answer) => {
    answer.setHeader('Content-Type', 'text/plain');
    if (asked.url?.includes('/certificate/ca')) answer.end(ca);
    else if (asked.url?.includes('/certificate_revocation_list/ca')) answer.end(crl);
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(8140, address, resolve));
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
