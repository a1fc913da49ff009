import type { Image as Ec2Image } from '@aws-sdk/client-ec2';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { imageOf, listImages } from '../../src/aws/images.ts';
import { tagMap } from '../../src/aws/tags.ts';
import type { TemplateVersion } from '../../src/promote/launch-template-calls.ts';
import type { Parameter } from '../../src/promote/parameter-calls.ts';
import type { CopyRequest, RegionAccount, RegionImage } from '../../src/promote/promote-account.ts';

interface Template {
  id: string;
  name: string;
  inService: number;
  versions: TemplateVersion[];
}

type StoredParameter = Parameter & { history: { value: string; version: number }[] };

interface Region {
  images: Map<string, Ec2Image>;
  parameters: Map<string, StoredParameter>;
  templates: Map<string, Template>;
  /** `ami-… 123456789012` */
  shares: Set<string>;
  /** Of each copy that is being made: when it ends, and how. */
  copying: Map<string, { readyMs: number; sourceId: string; sourceRegion: string; fails?: string }>;
  tokens: Map<string, { id: string; asked: string }>;
}

/** What happens around a call; it may throw. */
export type Gate = (region: string, call: string, when: 'before' | 'after') => void | Promise<void>;

/** An error as the SDK throws it for an answer of AWS. */
export function awsError(code: string, message = `the message of ${code}`): Error {
  return Object.assign(new Error(message), { name: code, $metadata: {}, call: 'ec2:SomeCall' });
}

/** An account with several regions in memory, which obeys the rules of EC2 and Systems Manager that promote relies on. */
export class MemoryCloud {
  readonly #regions = new Map<string, Region>();
  #made = 0;
  nowMs = Date.parse('2026-11-28T12:00:00Z');
  /** How long a copy takes. */
  copyMs = 5_000;
  /** How the next copies in a region end, in EC2's words; an empty text: well. */
  readonly copyFailures = new Map<string, string[]>();
  gate: Gate = () => undefined;
  /** Every call that changes something, as `eu-west-1 copyImage`. */
  readonly writes: string[] = [];
  readonly calls: string[] = [];
  /** The copies that were asked for. */
  readonly copies: CopyRequest[] = [];

  constructor(regions: readonly string[]) {
    for (const region of regions)
      this.#regions.set(region, {
        ...{ images: new Map(), parameters: new Map(), templates: new Map() },
        ...{ shares: new Set(), copying: new Map(), tokens: new Map() },
      });
  }

  region(name: string): Region {
    const region = this.#regions.get(name);
    if (region === undefined) throw new Error(`no region ${name}`);
    for (const [id, copy] of region.copying) {
      const image = region.images.get(id);
      if (image === undefined || copy.readyMs > this.nowMs) continue;
      region.copying.delete(id);
      const source = this.#regions.get(copy.sourceRegion)?.images.get(copy.sourceId);
      const why = copy.fails ?? (source === undefined ? `${copy.sourceId} does not exist` : undefined);
      image.State = why === undefined ? 'available' : 'failed';
      if (why !== undefined) image.StateReason = { Message: why };
    }
    return region;
  }

  id(kind: 'ami' | 'snap' | 'lt'): string {
    return `${kind}-${String(++this.#made).padStart(17, '0')}`;
  }

  /** An image of a bake. */
  bake(
    region: string,
    name: string,
    tags: Record<string, string> = {},
    more: Partial<Ec2Image> = {},
  ): string {
    const id = this.id('ami');
    const node = name.replace(/-\d+$/, '');
    const all = {
      ...{ 'bakehouse:node': node, 'bakehouse:run': `run-of-${name}`, 'bakehouse:digest': 'd1' },
      ...{ 'bakehouse:verified': 'true', ...tags },
    };
    this.region(region).images.set(id, {
      ...{ ImageId: id, Name: name, State: 'available', CreationDate: '2026-11-28T10:00:00.000Z' },
      Tags: tagList(all),
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: this.id('snap') } }],
      ...more,
    });
    return id;
  }

  template(
    region: string,
    name: string,
    imageId: string | undefined,
    rest: Record<string, unknown> = {},
  ): void {
    const id = this.id('lt');
    const version = { id, name, number: 1, imageId, rest: { InstanceType: 't3.small', ...rest } };
    this.region(region).templates.set(name, { id, name, inService: 1, versions: [version] });
  }

  parameter(region: string, name: string, value: string, more: Partial<Parameter> = {}): void {
    const version = 1;
    const parameter = { name, value, version, type: 'String', dataType: 'aws:ec2:image', ...more };
    this.region(region).parameters.set(name, { ...parameter, history: [{ value, version }] });
  }

  /** One region, as promote sees it. */
  account(name: string): RegionAccount {
    const call = async <T>(action: string, does: (region: Region) => T): Promise<T> => {
      this.calls.push(`${name} ${action}`);
      await this.gate(name, action, 'before');
      this.nowMs += 50;
      const answer = does(this.region(name));
      await this.gate(name, action, 'after');
      return answer;
    };
    const write = <T>(action: string, does: (region: Region) => T) =>
      call(action, (region) => {
        const answer = does(region);
        this.writes.push(`${name} ${action}`);
        return answer;
      });
    return {
      region: name,
      imagesOfNodes: async (nodes) => {
        const all = await call('imagesOfNodes', ({ images }) => structuredClone([...images.values()]));
        return described(all, ({ Name: its = '' }) => nodes.some((node) => its.startsWith(`${node}-`)));
      },
      taggedImages: async () => {
        const all = await call('taggedImages', ({ images }) => structuredClone([...images.values()]));
        return described(all, ({ Tags: tags }) => tagMap(tags).has('bakehouse:node'));
      },
      imagesById: async (ids) => {
        const all = await call('imagesById', ({ images }) => structuredClone([...images.values()]));
        return described(all, ({ ImageId: id = '' }) => ids.includes(id));
      },
      anyImage: async (id) => {
        const image = await call('anyImage', ({ images }) => structuredClone(images.get(id)));
        return image && { ...imageOf(image), ...detailsOf(image) };
      },
      copyImage: (copy) =>
        write('copyImage', (region) => {
          this.copies.push(copy);
          const asked = JSON.stringify(copy);
          const known = region.tokens.get(copy.token);
          if (known !== undefined) {
            if (known.asked !== asked) throw awsError('IdempotentParameterMismatch');
            return known.id;
          }
          const source = this.#regions.get(copy.sourceRegion)?.images.get(copy.sourceId);
          if (source?.State !== 'available') throw awsError('InvalidAMIID.NotFound');
          if ([...region.images.values()].some(({ Name: its }) => its === copy.name))
            throw awsError('InvalidAMIName.Duplicate', `AMI name ${copy.name} is already in use`);
          const id = this.id('ami');
          const encrypted = copy.kmsKey !== undefined;
          region.images.set(id, {
            ...{ ImageId: id, Name: copy.name, State: 'pending', Tags: tagList(copy.tags) },
            ...{ SourceImageId: copy.sourceId, SourceImageRegion: copy.sourceRegion },
            BlockDeviceMappings: [
              { DeviceName: '/dev/xvda', Ebs: { SnapshotId: this.id('snap'), Encrypted: encrypted } },
            ],
          });
          const fails = this.copyFailures.get(name)?.shift() ?? '';
          const { sourceId, sourceRegion } = copy;
          const ends = { readyMs: this.nowMs + this.copyMs, sourceId, sourceRegion };
          region.copying.set(id, { ...ends, ...(fails === '' ? {} : { fails }) });
          region.tokens.set(copy.token, { id, asked });
          return id;
        }),
      copied: (ids) =>
        call('copied', ({ copying }) => {
          const begun = ids.flatMap((id) =>
            copying.has(id) ? [[id, copying.get(id)?.readyMs ?? 0] as const] : [],
          );
          return new Map(
            begun.map(([id, readyMs]) => [id, 100 - Math.ceil((100 * (readyMs - this.nowMs)) / this.copyMs)]),
          );
        }),
      deregister: (id) =>
        write('deregister', ({ images }) => {
          if (!images.delete(id)) throw awsError('InvalidAMIID.NotFound');
        }),
      tag: (ids, tags) =>
        write('tag', ({ images }) => {
          for (const id of ids) {
            const image = images.get(id);
            if (image === undefined) throw awsError('InvalidAMIID.NotFound');
            image.Tags = tagList({ ...Object.fromEntries(tagMap(image.Tags)), ...tags });
          }
        }),
      imagesSharedWith: (accountId) => call('imagesSharedWith', (region) => sharedWith(region, accountId)),
      snapshotsSharedWith: (accountId) =>
        call('snapshotsSharedWith', (region) => sharedWith(region, accountId)),
      shareImage: (id, accounts) =>
        write('shareImage', ({ shares }) => {
          for (const account of accounts) shares.add(`${id} ${account}`);
        }),
      shareSnapshot: (id, accounts) =>
        write('shareSnapshot', ({ shares }) => {
          for (const account of accounts) shares.add(`${id} ${account}`);
        }),
      parameters: (names) =>
        call('parameters', ({ parameters }) => {
          const found = names.flatMap((one) => structuredClone(parameters.get(one)) ?? []);
          return new Map(found.map((parameter) => [parameter.name, parameter]));
        }),
      parameterHistory: (one) =>
        call('parameterHistory', ({ parameters }) =>
          structuredClone(parameters.get(one)?.history ?? []).reverse(),
        ),
      putParameter: ({ name: one, value, dataType, overwrite }) =>
        write(one.startsWith('/bakehouse/locks/') ? 'putLock' : 'putParameter', ({ parameters }) => {
          const before = parameters.get(one);
          if (before !== undefined && !overwrite) throw awsError('ParameterAlreadyExists');
          const version = (before?.version ?? 0) + 1;
          const history = [...(before?.history ?? []), { value, version }];
          parameters.set(one, { name: one, value, version, type: 'String', dataType, history });
          return version;
        }),
      deleteParameter: (one) =>
        write('deleteParameter', ({ parameters }) => {
          if (!parameters.delete(one)) throw awsError('ParameterNotFound');
        }),
      templateInService: (one) =>
        call('templateInService', ({ templates }) => {
          const { versions = [], inService } = templates.get(one) ?? {};
          return structuredClone(versions.find(({ number }) => number === inService));
        }),
      latestVersion: (id) =>
        call('latestVersion', (region) => {
          const latest = templateOf(region, id).versions.at(-1);
          if (latest === undefined) throw awsError('InvalidLaunchTemplateId.VersionNotFound');
          return structuredClone(latest);
        }),
      addVersion: (source, imageId) =>
        write('addVersion', (region) => {
          const { versions } = templateOf(region, source.id);
          const number = versions.length + 1;
          versions.push({ ...structuredClone(source), number, imageId });
          return number;
        }),
      setDefaultVersion: (id, number) =>
        write('setDefaultVersion', (region) => {
          templateOf(region, id).inService = number;
        }),
    };
  }
}

function templateOf({ templates }: Region, id: string): Template {
  const found = [...templates.values()].find((template) => template.id === id);
  if (found === undefined) throw awsError('InvalidLaunchTemplateId.NotFound');
  return found;
}

function sharedWith({ shares }: Region, accountId: string): Set<string> {
  const all = [...shares].map((share) => share.split(' '));
  return new Set(all.flatMap(([id = '', account]) => (account === accountId ? [id] : [])));
}

async function described(all: Ec2Image[], is: (image: Ec2Image) => boolean): Promise<RegionImage[]> {
  const images = all.filter(is);
  const listed = await listImages(() => Promise.resolve({ Images: images }));
  const details = new Map(images.map((image) => [image.ImageId, detailsOf(image)]));
  return listed.map((image) => ({
    ...image,
    ...(details.get(image.id) ?? { stateReason: undefined, encrypted: false }),
  }));
}

function detailsOf(image: Ec2Image): Pick<RegionImage, 'stateReason' | 'encrypted'> {
  return {
    stateReason: image.StateReason?.Message,
    encrypted: (image.BlockDeviceMappings ?? []).some(({ Ebs: ebs }) => ebs?.Encrypted === true),
  };
}

function tagList(tags: Record<string, string>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** What the SDK throws when a call is denied, throttled and so on, once it has been through `ec2Failure`. */
export function cloudError(problem: CloudError['problem'], code: string): CloudError {
  return new CloudError(problem, `${problem}: ${code}`, awsError(code));
}
