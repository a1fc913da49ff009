import type { CompileProblem, Finding } from '../puppet/catalogs/compilation.ts';
import { cutMiddle } from '../lib/printable.ts';
import { placeText } from '../puppet/report/place.ts';
import type { NodeInputs } from './digest.ts';
import type { PackChange } from './pack-change.ts';
import { assumeText, type Cause, type Reason } from './reason.ts';

export const inputWords: Record<keyof NodeInputs, string> = {
  catalog: 'catalog',
  files: 'files',
  plugins: "modules' lib",
  pack: 'template',
  scripts: 'scripts',
  puppet: 'Puppet package',
  source: 'source image',
};

/** How many findings are listed; the others are counted. */
const maxFindings = 3;

/** A reason in a line for a person. */
export function reasonText(reason: Reason): string {
  const image = 'image' in reason ? reason.image : '';
  if (reason.kind !== 'too-old') return sharedText(reason, image);
  return `${sharedText(reason, image)}: it is ${ageText(reason.ageMs)} old`;
}

/**
 * A reason that several nodes share, in a line.
 * @param images what to say in place of the one image: `ami-a (redis), ami-b (web)`
 */
export function sharedText(reason: Reason, images: string): string {
  switch (reason.kind) {
    case 'no-image':
      return 'no verified image';
    case 'differs':
      return reason.causes.length === 0
        ? `other than image ${images}, which does not say of what it was made`
        : `${causesText(reason.causes)} changed since image ${images}`;
    case 'no-digest':
      return `no digest on image ${images}, as after a build without --plan`;
    case 'age-unknown':
      return `the age of image ${images} is not known`;
    case 'too-old':
      return `older than max_age (${ageText(reason.maxAgeMs)}): image ${images}`;
    case 'revoked':
      return `image ${images} was revoked: ${reason.why}`;
    case 'forced':
      return 'forced';
    case 'not-judged':
      return (
        `cannot be judged: ${listed(reason.findings.map(findingText), maxFindings, '; ')}. ` +
        `If this does not matter, say assume_pure: ${assumeText(reason.findings)} in nodes.yaml`
      );
    case 'unchanged':
      return `nothing changed since image ${images}`;
    case 'not-compiled':
      return problemText(reason.problem);
    case 'no-source':
      return reason.why;
  }
}

/** What changed, the facts first: they are why the rest did. */
function causesText(causes: readonly Cause[]): string {
  return changedText(
    causes.map((cause) => [cause.input, causeText(cause)] as const),
    causes.find(({ change }) => change !== undefined)?.change,
  );
}

/**
 * Changed inputs in words, with the facts in place of the pack where they are what changed of it.
 * @param inputs each with its own words
 */
export function changedText(
  inputs: readonly (readonly [input: keyof NodeInputs, words: string])[],
  pack: PackChange | undefined,
): string {
  const facts = (pack?.facts ?? []).map(({ fact, was, is }) => {
    const values = was === undefined || is === undefined ? '' : ` ${shownValue(was)} → ${shownValue(is)}`;
    return `fact ${fact}${values}`;
  });
  // Of a pack that is the same the facts changed, also when nothing says which.
  const isPackSame = pack?.template === false;
  return [
    ...(facts.length > 0 ? [listed(facts, maxFindings)] : isPackSame ? ['facts'] : []),
    ...inputs.filter(([input]) => input !== 'pack' || !isPackSame).map(([, words]) => words),
  ].join(', ');
}

function shownValue(value: string | null): string {
  return value === null ? 'none' : cutMiddle(value, 60);
}

function causeText({ input, was, is }: Cause): string {
  return input === 'source' && was !== undefined ? `source image (${was} → ${is})` : inputWords[input];
}

export function findingText({ what, ...place }: Finding): string {
  const where = placeText(place);
  return where === '' ? what : `${what} (${where})`;
}

/** Types that left Puppet's own code with Puppet 6, each with its module. */
const coreModules: Readonly<Record<string, string>> = {
  ...{ augeas: 'augeas_core', cron: 'cron_core', host: 'host_core', mailalias: 'mailalias_core' },
  ...{ mount: 'mount_core', selboolean: 'selinux_core', selmodule: 'selinux_core' },
  ...{ ssh_authorized_key: 'sshkeys_core', sshkey: 'sshkeys_core', yumrepo: 'yumrepo_core' },
  ...{ zfs: 'zfs_core', zone: 'zone_core', zpool: 'zfs_core' },
};

function problemText({ message, unknownFacts = [], ...place }: CompileProblem): string {
  const where = placeText(place);
  const text = where === '' ? message : `${where}: ${message}`;
  const [, type = ''] = /Unknown resource type: '(\w+)'/.exec(message) ?? [];
  const module = Object.hasOwn(coreModules, type) ? coreModules[type] : undefined;
  if (module !== undefined)
    return `${text}. The type is in the module puppetlabs-${module}, which Puppet's packages bring along or not: put it into the environment`;
  if (unknownFacts.length === 0) return text;
  const facts = unknownFacts.map(({ fact, file }) => `${fact} of ${file}`);
  return (
    `${text}. Facts that only a machine can tell are not known here: ${listed(facts, maxFindings)}. Give them under ` +
    'facts in nodes.yaml, or bake once without --plan and pin what the machine had: ' +
    'cp reports/<node>/facts.yaml facts/<node>.yaml'
  );
}

/** The first few of a list, and how many more there are; never `and 1 more`, which would be as long. */
export function listed(items: readonly string[], max: number, separator = ', '): string {
  if (items.length <= max + 1) return items.join(separator);
  return `${items.slice(0, max).join(separator)} and ${items.length - max} more`;
}

const hourMs = 60 * 60_000;

/** `3 hours`, `31 days`: whole ones, rounded down. */
function ageText(ms: number): string {
  const units = [
    ['day', 24 * hourMs],
    ['hour', hourMs],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const;
  const [unit, unitMs] = units.find(([, of]) => ms >= of) ?? units[3];
  const count = Math.floor(ms / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
