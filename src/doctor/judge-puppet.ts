import { type Finding, missing, ok, unknown, warning, wrong } from './finding.ts';
import { lastWords } from './judge-program.ts';
import type { Ran } from './run-program.ts';

const check = 'Puppet';
const install =
  'systemctl mask puppet.service; apt-get install puppet-agent (masked: it must not manage this machine)';
/** The oldest whose catalogs plan's tests compile. */
const oldestMajor = 7;

/** What makes Puppet's Ruby say both versions. */
export const puppetQuestion = [
  '-W0',
  '-rpuppet',
  '-e',
  'puts "Puppet #{Puppet.version} Ruby #{RUBY_VERSION}"',
];

/**
 * Judges what {@link puppetQuestion} did.
 * @param ruby the Ruby that plan starts; undefined: there is no Puppet where plan looks for it
 */
export function judgePuppet(ruby: string | undefined, ran: Ran | undefined): Finding {
  if (ruby === undefined || ran === undefined || ran.kind === 'missing') {
    return missing(check, 'neither puppet-agent of the distribution nor that of the vendor is here', install);
  }
  if (ran.kind === 'hung') {
    return unknown(check, `${ruby} did not load Puppet within ${ran.seconds} s`, `try ${ruby} -r puppet`);
  }
  if (ran.kind === 'unstartable') return wrong(check, `${ruby} cannot be started (${ran.why})`, install);
  const versions = /^Puppet (\d+)(\.\S+) Ruby (\S+)$/m.exec(ran.stdout);
  if (ran.exitCode !== 0 || versions === null) {
    return wrong(check, `Puppet cannot be loaded by ${ruby}: ${lastWords(ran)}`, `try ${ruby} -r puppet`);
  }
  const [, major = '', rest = '', rubyVersion = ''] = versions;
  const found = `${major}${rest}, run by Ruby ${rubyVersion} (${ruby})`;
  if (Number(major) >= oldestMajor) return ok(check, found);
  return warning(
    check,
    found,
    `plan is tested with Puppet ${oldestMajor} and later: try npm test, or a newer one`,
  );
}
