import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ensureOsPackages } from '../src/local-cloud/os-packages.ts';

/**
 * The Groovy part of `npm run lint`: CodeNarc, by npm-groovy-lint, with the rules of .groovylintrc.json. It needs Java, and
 * would fetch one from the network where there is none: Debian's is installed instead, as the tests do with what they need.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
/** Each by its name: what a pattern names is linted, but a file that is no Groovy passes. */
const files = [
  'Jenkinsfile',
  ...['jobs', 'vars', 'test/jenkins'].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(groovy|jenkinsfile)$/.test(file))
      .map((file) => `${folder}/${file}`),
  ),
];
// No server stays behind to make a next run quicker; the compiler of short programs halves the time of this one.
const how = ['--noserver', '--javaoptions=-Xmx1024m,-XX:TieredStopAtLevel=1,-XX:+UseSerialGC'];

try {
  const { failed: lacking } = await execa('java', ['-version'], { reject: false });
  if (lacking) {
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    await ensureOsPackages({ packages: ['default-jre-headless'], say });
  }
  const { exitCode } = await execa('npm-groovy-lint', [...how, ...files], {
    cwd: root,
    preferLocal: true,
    reject: false,
    stdio: 'inherit',
  });
  process.exitCode = exitCode ?? 1;
} catch (error) {
  process.stderr.write(
    `npm run lint: Groovy is checked by Java, and there is none: ${(error as Error).message}\n`,
  );
  process.exitCode = 4;
}
