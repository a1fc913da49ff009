import {
  bundlesPlugin,
  installPlugin,
  isAtLeast,
  knowsPlugins,
  oldestPacker,
  type PackerVersion,
  parsePackerVersion,
  pluginIn,
} from '../generate/installed-packer.ts';
import { type Finding, missing, ok, unknown, wrong } from './finding.ts';
import { lastWords, judgeSilent } from './judge-program.ts';
import type { Ran } from './run-program.ts';

const check = 'Packer';
const pluginCheck = 'amazon plugin';
const install = `install Packer ${oldestPacker.slice(0, 2).join('.')} or later (Debian 12: apt-get install packer)`;

/** Judges what `packer version` did; the version where it can be used. */
export function judgePacker(ran: Ran): { finding: Finding; version?: PackerVersion } {
  if (ran.kind !== 'ended') return { finding: judgeSilent({ check, name: 'packer', install }, ran) };
  const version = parsePackerVersion(ran.stdout);
  if (version === undefined) {
    const found = `the \`packer\` on PATH is not HashiCorp's: ${lastWords(ran)}`;
    return { finding: wrong(check, found, `${install}, before that one on PATH`) };
  }
  if (!isAtLeast(version, oldestPacker)) {
    return { finding: wrong(check, `${version.join('.')} is too old`, install) };
  }
  return { finding: ok(check, version.join('.')), version };
}

/** Whether `packer plugins installed` must be asked for {@link judgePlugin}. */
export const asksForPlugin = knowsPlugins;

/** Judges what `packer plugins installed` did; `version` undefined: there is no Packer that can be used. */
export function judgePlugin(version: PackerVersion | undefined, ran: Ran | undefined): Finding {
  if (version === undefined) return unknown(pluginCheck, 'there is no Packer to ask', 'see Packer');
  const within = `within Packer ${version.join('.')}`;
  if (!knowsPlugins(version)) return ok(pluginCheck, within);
  const plugin = ran?.kind === 'ended' && ran.exitCode === 0 ? pluginIn(ran.stdout) : undefined;
  if (plugin !== undefined) return ok(pluginCheck, plugin);
  if (bundlesPlugin(version)) return ok(pluginCheck, within);
  const advice = `packer ${installPlugin.join(' ')}, as the user that bakes`;
  if (ran?.kind === 'ended' && ran.exitCode === 0) {
    return missing(pluginCheck, `Packer ${version.join('.')} does not bring it along`, advice);
  }
  const why = ran?.kind === 'ended' ? lastWords(ran) : `it gave no answer (${ran?.kind ?? 'not asked'})`;
  return unknown(pluginCheck, `\`packer plugins installed\`: ${why}`, advice);
}
