import type { z } from 'zod';
import type { Node, Promotion } from './node.ts';
import { puppetPackageOf } from './puppet-package.ts';
import { knownKeys, type nodeShape } from './shape.ts';

type Values = { [K in keyof typeof nodeShape]?: z.infer<(typeof nodeShape)[K]> } & {
  group: string | string[];
};

/** Debian's own AMIs of Debian 13: the account is named on wiki.debian.org/Cloud/AmazonEC2Image. */
const debian13 = { name: 'debian-13-amd64-*', owner: '136693071363' };

const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A node of checked values, with the defaults that Bakehouse itself has.
 * @param askedAt where the file asks for the node's Puppet
 */
export function toNode(name: string, checked: Record<string, unknown>, askedAt: string): Node {
  const values = checked as Values;
  const source = values.source_ami ?? debian13;
  const puppet = values.puppet && puppetPackageOf(values.puppet, askedAt);
  const extra = Object.entries(checked).filter(([key]) => !(knownKeys as string[]).includes(key));
  return {
    name,
    groups: Array.isArray(values.group) ? values.group : [values.group],
    size: values.size ?? 't3.small',
    sourceAmi: typeof source === 'string' ? { id: source } : source,
    ...(typeof values.puppet_server === 'string' ? { puppetServer: values.puppet_server } : {}),
    puppetEnvironment: values.puppet_environment ?? 'production',
    ...(puppet === undefined ? {} : { puppet }),
    removePuppet: values.remove_puppet ?? false,
    facts: values.facts ?? {},
    factsFrom: values.facts_from ?? [],
    ...(values.keep === undefined ? {} : { keep: values.keep }),
    ...(values.max_age === undefined ? {} : { maxAgeMs: milliseconds(values.max_age) }),
    assumePure: values.assume_pure ?? false,
    packer: values.packer ?? {},
    checks: values.checks ?? [],
    ...(values.goss === undefined ? {} : { goss: values.goss }),
    allowSkipped: values.allow_skipped ?? false,
    converge: values.converge !== false && values.converge !== 'off',
    promote: promotionOf(name, values.promote ?? {}),
    extra: Object.fromEntries(extra),
  };
}

function promotionOf(node: string, given: NonNullable<Values['promote']>): Promotion {
  const { regions, accounts, parameter, launch_template: launchTemplate } = given;
  return {
    regions: Object.fromEntries(
      Object.entries(regions ?? {}).map(([region, copy]) => [
        region,
        copy?.kms_key == null ? {} : { kmsKey: copy.kms_key },
      ]),
    ),
    accounts: [...new Set(accounts ?? [])],
    parameter: parameter ?? `/bakehouse/${node}`,
    ...(launchTemplate == null ? {} : { launchTemplate }),
  };
}

function milliseconds(age: string): number {
  return Number(age.slice(0, -1)) * (unitMs[age.slice(-1)] ?? Number.NaN);
}
