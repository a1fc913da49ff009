import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  CreateImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DeregisterImageCommand,
  GetConsoleOutputCommand,
  ModifyInstanceMetadataOptionsCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianVersion } from '../e2e/puppet-image.ts';
import { eventually, newState, removeState, startCloud, type CloudUnderTest } from './cloud-under-test.ts';
import { linkLocalNetwork } from './link-local-network.ts';
import { debianImage, describe1, makeKey, reaches, run, ssh } from './machine-under-test.ts';

jest.setTimeout(60_000);

/** What our bakes do last on a machine, as far as it concerns the next boot. */
const seal = [
  'sudo rm -f /etc/ssh/ssh_host_* ~/.ssh/authorized_keys',
  "sudo sh -c ': >/etc/machine-id'",
  'sudo rm -rf /var/lib/cloud/instances /var/lib/cloud/instance /var/lib/cloud/data /var/lib/cloud/sem',
].join('; ');

describe('an instance', () => {
  let cloud: CloudUnderTest;
  let key = '';
  let id = '';
  let address: string | undefined;
  let hostKey = '';
  let machineId = '';
  let imageId = '';
  beforeAll(async () => {
    cloud = await startCloud(newState());
    key = await makeKey(cloud, 'launch', 'ed25519');
    writeFileSync(join(cloud.state, 'hosts'), '192.0.2.7 puppet puppet.example\n');
  });
  afterAll(async () => {
    expect(await cloud.stop()).toBe(143);
    removeState(cloud.state);
  });

  test('boots Debian with its own name and address, and lets the launch key in as admin with sudo', async () => {
    id = await run(cloud.ec2, {
      ImageId: await debianImage(cloud.ec2),
      InstanceType: 't3.small',
      KeyName: 'launch',
      UserData: Buffer.from('#!/bin/sh\necho once >>/root/user-data\n').toString('base64'),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'first' }] }],
    });
    const instance = await reaches(cloud.ec2, id, 'running');
    address = instance.PublicIpAddress;
    expect(instance).toMatchObject({
      PrivateIpAddress: address,
      PublicDnsName: '',
      KeyName: 'launch',
      Tags: [{ Key: 'Name', Value: 'first' }],
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { Status: 'attached', DeleteOnTermination: true } },
      ],
    });
    const name = `ip-${(address ?? '').replaceAll('.', '-')}`;
    const said = await ssh(
      address,
      key,
      '. /etc/os-release; echo $ID $VERSION_ID; hostname; sudo -n hostname -f; getent ahostsv4 puppet | head -n 1',
    );
    const [system, host, fqdn, puppet] = said.split('\n');
    expect([system, host, fqdn]).toEqual([`debian ${debianVersion}`, name, `${name}.ec2.internal`]);
    // By the cloud's file of names, as by a VPC's private zone.
    expect(puppet).toMatch(/^192\.0\.2\.7 /);
    await ssh(address, key, 'cloud-init status --wait');
    expect(
      await ssh(address, key, 'systemctl is-system-running --wait; systemctl --failed --plain --no-legend'),
    ).toBe('running');
  });

  test('reads its own metadata with a token, and without one only while none is required', async () => {
    const service = 'http://169.254.169.254/latest';
    const token = `$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${service}/api/token)`;
    const read = `curl -sf ${service}/meta-data/instance-id`;
    expect(await ssh(address, key, `${read}; echo; ${read} -H "X-aws-ec2-metadata-token: ${token}"`)).toBe(
      `${id}\n${id}`,
    );
    await cloud.ec2.send(
      new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpTokens: 'required' }),
    );
    const status = `curl -s -o /dev/null -w '%{http_code} ' ${service}/meta-data/`;
    expect(await ssh(address, key, `${status}; ${status} -H "X-aws-ec2-metadata-token: ${token}"`)).toBe(
      '401 200 ',
    );
  });

  test('reaches no other link-local address, neither one of this computer nor one behind it', async () => {
    const outside = await linkLocalNetwork();
    try {
      const get = (host: string) =>
        `curl -s -m 3 -o /dev/null -w '%{http_code} ' http://${host}:8169/ || true`;
      // The same server by an ordinary address shows that it is there, and that a machine can get to it.
      const all = [outside.ordinary, outside.onHost, outside.behindHost].map(get).join('; ');
      expect(await ssh(address, key, all)).toBe('200 000 000 ');
      for (const host of [outside.onHost, outside.behindHost])
        expect((await fetch(`http://${host}:8169/`)).status).toBe(200);
    } finally {
      await outside.remove();
    }
  });

  test('keeps its disk over stop and start, and runs its user data only once', async () => {
    await ssh(address, key, 'echo kept | sudo tee /srv/kept >/dev/null');
    hostKey = await ssh(address, key, 'cat /etc/ssh/ssh_host_ed25519_key.pub');
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    const stopped = await reaches(cloud.ec2, id, 'stopped');
    expect(stopped.StateReason?.Code).toBe('Client.UserInitiatedShutdown');
    expect(stopped.StateTransitionReason).toMatch(/^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);
    await cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await reaches(cloud.ec2, id, 'running');
    await ssh(address, key, 'cloud-init status --wait');
    expect(await ssh(address, key, 'cat /srv/kept; sudo cat /root/user-data')).toBe('kept\nonce');
    expect(await ssh(address, key, 'cat /etc/ssh/ssh_host_ed25519_key.pub')).toBe(hostKey);
  });

  test('shares no user and no file with this computer, whatever ids its own users have', async () => {
    await ssh(address, key, 'sudo cp /bin/true /var/tmp/as-root && sudo chmod 4755 /var/tmp/as-root');
    const root = join(cloud.state, 'machines', id, 'root');
    const program = statSync(join(root, 'var/tmp/as-root'));
    expect(program.mode & 0o4000).toBe(0o4000);
    const machineUsers = [program.uid, statSync(join(root, 'home/admin')).uid];
    const volume = readdirSync(join(cloud.state, 'volumes'))[0] ?? '';
    // Its users' numbers here, and the first human's of this computer, who would be its admin.
    expect(machineUsers.map((uid) => uid % 65_536)).toEqual([0, 1000]);
    expect(Math.min(...machineUsers)).toBeGreaterThan(500_000);
    for (const uid of [1000, ...machineUsers]) {
      for (const path of [root, join(cloud.state, 'volumes', volume, 'upper'), '/var/cache/bakehouse']) {
        const asUser = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', 'ls', path];
        const { exitCode, stderr } = await execa('setpriv', asUser, { reject: false });
        expect([uid, path, exitCode, stderr]).toEqual([uid, path, 2, expect.stringContaining('denied')]);
      }
    }
  });

  test('comes back from a reboot, and shows on its console that it did', async () => {
    const booted = await ssh(
      address,
      key,
      'cat /proc/sys/kernel/random/boot_id; stat -c %Y /run/systemd/system',
    );
    await cloud.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    await eventually(async () => {
      const now = await ssh(
        address,
        key,
        'cat /proc/sys/kernel/random/boot_id; stat -c %Y /run/systemd/system',
      );
      return now === booted ? undefined : now;
    });
    const { Output = '' } = await cloud.ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
    expect(
      Buffer.from(Output, 'base64')
        .toString()
        .match(/Welcome to/g)?.length,
    ).toBe(3);
  });

  test('becomes an image while it runs, by powering off and booting again', async () => {
    machineId = await ssh(address, key, 'cat /etc/machine-id');
    await ssh(address, key, seal);
    const made = await cloud.ec2.send(new CreateImageCommand({ InstanceId: id, Name: 'sealed' }));
    imageId = made.ImageId ?? '';
    const image = await eventually(async () => {
      const { Images = [] } = await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
      return Images[0]?.State === 'available' ? Images[0] : undefined;
    });
    expect(image).toMatchObject({ ImageId: imageId, Name: 'sealed', SourceInstanceId: id });
    const { Snapshots = [] } = await cloud.ec2.send(
      new DescribeSnapshotsCommand({
        Filters: [{ Name: 'description', Values: [`Created by CreateImage(${id})*`] }],
      }),
    );
    expect(Snapshots.map(({ Description }) => Description)).toEqual([
      `Created by CreateImage(${id}) for ${imageId}`,
    ]);
    expect((await describe1(cloud.ec2, id)).State?.Name).toBe('running');
  });

  test('of the sealed image has new host keys and a new machine id, and carries the files of the layer', async () => {
    const [one, two] = await Promise.all([
      run(cloud.ec2, { ImageId: imageId, KeyName: 'launch', InstanceInitiatedShutdownBehavior: 'terminate' }),
      run(cloud.ec2, { ImageId: imageId, KeyName: 'launch' }),
    ]);
    const look = 'cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id /srv/kept';
    const seen = await Promise.all(
      [one, two].map(async (other) =>
        (await ssh((await reaches(cloud.ec2, other, 'running')).PublicIpAddress, key, look)).split('\n'),
      ),
    );
    for (const [host, machine, kept] of seen) {
      expect(host).toMatch(/^ssh-ed25519 /);
      expect(host).not.toBe(hostKey);
      expect(machine).toMatch(/^[0-9a-f]{32}$/);
      expect(machine).not.toBe(machineId);
      expect(kept).toBe('kept');
    }
    expect(seen[0]?.[0]).not.toBe(seen[1]?.[0]);
    expect(seen[0]?.[1]).not.toBe(seen[1]?.[1]);
    // Powered off from inside: the one is terminated by that, the other stopped.
    for (const other of [one, two]) {
      await ssh(
        (await describe1(cloud.ec2, other)).PublicIpAddress,
        key,
        'sudo systemd-run --quiet sh -c "sleep 0.2; systemctl poweroff"',
      );
    }
    await reaches(cloud.ec2, one, 'terminated');
    expect((await reaches(cloud.ec2, two, 'stopped')).StateReason?.Code).toBe(
      'Client.InstanceInitiatedShutdown',
    );
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [two] }));
    await reaches(cloud.ec2, two, 'terminated');
  });

  test('takes its disk along when it is terminated, and the layers go with their last user', async () => {
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await reaches(cloud.ec2, id, 'terminated')).not.toHaveProperty('PublicIpAddress');
    const { Volumes } = await cloud.ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes).toEqual([]);
    const layers = () => readdirSync(join(cloud.state, 'layers')).filter((name) => !name.startsWith('base-'));
    expect(
      await eventually(() =>
        Promise.resolve(readdirSync(join(cloud.state, 'volumes')).length === 0 || undefined),
      ),
    ).toBe(true);
    expect(layers()).toHaveLength(1);
    await cloud.ec2.send(new DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true }));
    expect(layers()).toEqual([]);
  });
});
