import { afterAll, expect, jest, test } from '@jest/globals';
import {
  CreateImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortHash } from '../../src/local-cloud/state/ids.ts';
import { eventually, newState, removeState, startCloud } from './cloud-under-test.ts';
import { debianImage, makeKey, reaches, run, ssh } from './machine-under-test.ts';

jest.setTimeout(60_000);

const state = newState();
const other = newState();
afterAll(() => {
  removeState(state);
  removeState(other);
});

/** What of this computer belongs to the cloud of a state folder. */
async function traces(folder: string) {
  const bridge = `bh-${shortHash(folder, 8)}`;
  const ip = await execa('ip', ['-o', 'address', 'show', 'dev', bridge], { reject: false });
  const routes = await execa('ip', ['-o', 'route', 'show', 'table', 'all']);
  const tables = await execa('nft', ['list', 'tables']);
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  };
  // What has ended, and only its parent has not looked yet, has no command line any more.
  const processes = readdirSync('/proc').filter((pid) => {
    const words = /^\d+$/.test(pid) ? read(pid, 'cmdline') : '';
    const machine = `/b${shortHash(folder, 5)}`;
    return words.includes(folder) || (words !== '' && read(pid, 'cgroup').includes(machine));
  });
  return {
    bridge: ip.exitCode === 0,
    routes: routes.stdout.includes(bridge),
    table: tables.stdout.includes(bridge),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').includes(folder),
    // The hierarchies' own level only: what lies deeper in another cloud's machine may go while it is listed.
    cgroups: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']
      .filter((hierarchy) => existsSync(hierarchy))
      .some((hierarchy) =>
        readdirSync(hierarchy).some((name) => name.startsWith(`b${shortHash(folder, 5)}`)),
      ),
    processes,
  };
}

const forwarding = () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8');
const isClear = (found: object) => JSON.stringify(found) === JSON.stringify(nothing);
const nothing = { bridge: false, routes: false, table: false, mounts: false, cgroups: false, processes: [] };

test('a killed cloud loses no image, and after its next start and stop nothing of it is left', async () => {
  const before = forwarding();
  const first = await startCloud(state);
  await makeKey(first, 'launch', 'rsa');
  const id = await run(first.ec2, { ImageId: await debianImage(first.ec2) });
  await reaches(first.ec2, id, 'running');
  await first.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await reaches(first.ec2, id, 'stopped');
  const { ImageId = '' } = await first.ec2.send(new CreateImageCommand({ InstanceId: id, Name: 'survivor' }));
  const alive = await run(first.ec2, { ImageId });
  await reaches(first.ec2, alive, 'running');
  expect(await traces(state)).toMatchObject({
    bridge: true,
    routes: true,
    table: true,
    mounts: true,
    cgroups: true,
  });
  expect(forwarding()).toBe('1\n');
  await first.kill();
  // Nobody starts it again, and it clears up all the same.
  expect(await eventually(async () => (isClear(await traces(state)) ? true : undefined))).toBe(true);
  expect(forwarding()).toBe(before);

  const second = await startCloud(state);
  const { Images } = await second.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  expect(Images).toMatchObject([{ ImageId, Name: 'survivor', State: 'available' }]);
  expect((await second.ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs).toMatchObject([
    { KeyName: 'launch' },
  ]);
  const { Reservations = [] } = await second.ec2.send(new DescribeInstancesCommand({}));
  expect(Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name))).toEqual([
    'terminated',
    'terminated',
  ]);
  const again = await run(second.ec2, { ImageId, KeyName: 'launch' });
  const { PublicIpAddress } = await reaches(second.ec2, again, 'running');
  expect(await ssh(PublicIpAddress, `${state}/launch.pem`, 'whoami')).toBe('admin');
  expect(await second.stop()).toBe(143);
  expect(await traces(state)).toEqual(nothing);
  expect(forwarding()).toBe(before);
});

test('two clouds run side by side, and the first to stop takes nothing from the other', async () => {
  const before = forwarding();
  const [one, two] = await Promise.all([startCloud(state), startCloud(other)]);
  const key = await makeKey(two, 'launch', 'ed25519');
  const [, id] = await Promise.all([
    run(one.ec2, { ImageId: await debianImage(one.ec2) }),
    run(two.ec2, { ImageId: await debianImage(two.ec2), KeyName: 'launch' }),
  ]);
  const { PublicIpAddress } = await reaches(two.ec2, id, 'running');
  expect(await one.stop()).toBe(143);
  expect(await traces(state)).toEqual(nothing);
  expect(forwarding()).toBe('1\n');
  expect(await ssh(PublicIpAddress, key, 'whoami')).toBe('admin');
  expect(await two.stop()).toBe(143);
  expect(await traces(other)).toEqual(nothing);
  expect(forwarding()).toBe(before);
});

test('of a cloud that is killed, or then stopped, while its machines boot nothing is left', async () => {
  const killed = await Promise.all([startCloud(state), startCloud(other)]);
  await Promise.all(
    killed.map(async ({ ec2 }) => run(ec2, { ImageId: await debianImage(ec2), MaxCount: 2 })),
  );
  // nspawn does not listen to signals yet.
  await sleep(50);
  await Promise.all(killed.map((cloud) => cloud.kill()));
  // At once: this one waits until the killed one's machines are gone.
  const cloud = await startCloud(other);
  expect(await traces(other)).toMatchObject({ mounts: false, cgroups: false });
  await run(cloud.ec2, { ImageId: await debianImage(cloud.ec2), MinCount: 2, MaxCount: 2 });
  expect(await cloud.stop()).toBe(143);
  expect(await traces(other)).toEqual(nothing);
  // Nobody starts that one again.
  expect(await eventually(async () => (isClear(await traces(state)) ? true : undefined))).toBe(true);
});
