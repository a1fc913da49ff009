import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { root } from '../cli/stage-process.ts';

/** Debian's puppetserver, from a configuration of a test's own: nothing of the system's is used or changed. */
export interface PuppetServer {
  /** For build's --ca-client: the server's own certificate, which may use the CA's API. */
  caClient: string;
  /** Its environment `production`; what is changed there counts at once. */
  environment: string;
  log: () => string;
  /** What the autosign policy wants to see; undefined: it signs nothing. */
  setSecret: (secret: string | undefined) => Promise<void>;
  /** Name and state (`requested`, `signed`, `revoked`) of all but the server's own. */
  certificates: () => Promise<Record<string, string>>;
  sign: (certname: string) => Promise<void>;
  stop: () => Promise<void>;
}

const startMs = 300_000;
const debian = '/etc/puppet/puppetserver';

/** Starts it on an address of this computer, port 8140, as `puppet`; takes some 40 s of a processor. */
export async function startPuppetServer(address: string, environment: string): Promise<PuppetServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bakehouse-puppetserver-'));
  const at = (...names: string[]) => join(folder, ...names);
  writeConfiguration(at, address);
  cpSync(environment, at('code/environments/production'), { recursive: true });
  await execa('chown', ['-R', 'puppet:puppet', folder]);
  const log = openSync(at('out.log'), 'a');
  // setpriv: it ends with jest, also when a test has failed before it could stop it.
  const java = [
    'java',
    '-Xmx1g',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Djruby.lib=/usr/share/jruby/lib',
  ];
  const child = spawn(
    'setpriv',
    [
      ...['--reuid', 'puppet', '--regid', 'puppet', '--init-groups', '--pdeathsig', 'TERM', ...java],
      '-Djruby.logger.class=com.puppetlabs.jruby_utils.jruby.Slf4jLogger',
      ...['-jar', '/usr/share/puppetserver/puppetserver.jar', '--config', at('conf.d')],
      ...['--bootstrap-config', at('services.d')],
    ],
    { stdio: ['ignore', log, log], cwd: folder },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const deadline = Date.now() + startMs;
  let last = '';
  const output = () => (existsSync(at('out.log')) ? (last = readFileSync(at('out.log'), 'utf8')) : last);
  while (!output().includes('is now ready to handle requests')) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`no puppetserver:\n${output()}`);
    }
    await pause(250);
  }
  mkdirSync(at('client'));
  copyFileSync(at('ssl/certs/puppet.pem'), at('client/cert.pem'));
  copyFileSync(at('ssl/private_keys/puppet.pem'), at('client/key.pem'));
  copyFileSync(at('ssl/certs/ca.pem'), at('client/ca.pem'));
  const call = (method: string, path: string, body?: string) =>
    callCa(address, at('client'), method, path, body);
  return {
    caClient: at('client'),
    environment: at('code/environments/production'),
    log: output,
    setSecret: async (secret) => {
      const file = at('puppet/autosign.secret');
      rmSync(file, { force: true });
      if (secret === undefined) return;
      writeFileSync(file, `${secret}\n`, { mode: 0o600 });
      await execa('chown', ['puppet:puppet', file]);
    },
    certificates: async () => {
      const all = JSON.parse(await call('GET', 'certificate_statuses/all')) as {
        name: string;
        state: string;
      }[];
      return Object.fromEntries(
        all.filter(({ name }) => name !== 'puppet').map(({ name, state }) => [name, state]),
      );
    },
    sign: async (certname) => {
      await call('PUT', `certificate_status/${certname}`, '{"desired_state":"signed"}');
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(at: (...names: string[]) => string, address: string): void {
  for (const name of ['puppet', 'code/environments', 'var', 'run', 'log'])
    mkdirSync(at(name), { recursive: true });
  for (const name of ['conf.d', 'services.d']) cpSync(join(debian, name), at(name), { recursive: true });
  const files = {
    'puppet/puppet.conf': `[main]
certname = puppet
dns_alt_names = puppet,IP:${address}
ssldir = ${at('ssl')}
cadir = ${at('ca')}
# Keys of the default length take as long to make as all the rest of the start.
keylength = 2048
autosign = ${at('puppet/autosign.rb')}
# Not Debian's modules: each new machine would fetch some 300 files of them.
basemodulepath = ${at('code/modules')}
`,
    'conf.d/puppetserver.conf': `jruby-puppet: {
  ruby-load-path: [/usr/lib/puppetserver/ruby/vendor_ruby]
  gem-home: ${at('gems')}
  gem-path: [/usr/lib/puppetserver/vendored-jruby-gems]
  server-conf-dir: ${at('puppet')}
  server-code-dir: ${at('code')}
  server-var-dir: ${at('var')}
  server-run-dir: ${at('run')}
  server-log-dir: ${at('log')}
  max-active-instances: 1
  multithreaded: true
  compile-mode: off
}
http-client: {}
profiler: { enabled: false }
`,
    'conf.d/webserver.conf': `webserver: { client-auth: want, ssl-host: ${address}, ssl-port: 8140 }\n`,
    'conf.d/global.conf': `global: { logging-config: ${at('logback.xml')} }\n`,
    'logback.xml': `<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender">
<encoder><pattern>%d{HH:mm:ss.SSS} %-5p %m%n</pattern></encoder></appender>
<root level="info"><appender-ref ref="out"/></root></configuration>
`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content);
  writeFileSync(
    at('puppet/autosign.rb'),
    readFileSync(join(root, 'templates/environment/modules/puppetserver/files/autosign.rb')),
    {
      mode: 0o700,
    },
  );
}

/** A call of the CA's HTTP API as the server itself. */
function callCa(host: string, client: string, method: string, path: string, body?: string): Promise<string> {
  const pem = (name: string) => readFileSync(join(client, `${name}.pem`));
  const options = { host, port: 8140, path: `/puppet-ca/v1/${path}`, method, servername: 'puppet' };
  const headers = { 'Content-Type': 'application/json' };
  const credentials = { ca: pem('ca'), cert: pem('cert'), key: pem('key') };
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, ...credentials, headers, agent: false });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('end', () => {
        const code = response.statusCode ?? 0;
        if (code < 300) resolve(text);
        else reject(new Error(`${method} ${path}: HTTP ${code}: ${text}`));
      });
    });
    asked.end(body);
  });
}
