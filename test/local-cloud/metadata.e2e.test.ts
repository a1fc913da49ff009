import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  GetConsoleOutputCommand,
  ModifyInstanceMetadataOptionsCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { newState, removeState, startCloud, type CloudUnderTest } from './cloud-under-test.ts';
import { containerOn } from './container-on-machine.ts';
import { debianImage, describe1, makeKey, reaches, run, ssh } from './machine-under-test.ts';

jest.setTimeout(90_000);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const service = 'http://169.254.169.254/latest';
const putToken = `curl -sf -m 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${service}/api/token`;

describe('on a machine of the local cloud', () => {
  let cloud: CloudUnderTest;
  let key = '';
  let deployKey = '';
  const machines = { configured: '', inParts: '' };
  const addressOf = async (id: string) => (await describe1(cloud.ec2, id)).PrivateIpAddress;

  beforeAll(async () => {
    cloud = await startCloud(newState());
    key = await makeKey(cloud, 'launch', 'ed25519');
    deployKey = await makeKey(cloud, 'deploy', 'ed25519');
    const { stdout: deployPublic } = await execa('ssh-keygen', ['-y', '-f', deployKey]);
    const config = `#cloud-config
users:
  - default
  - {name: deploy, ssh_authorized_keys: ['${deployPublic}']}
write_files:
  - {path: /etc/app/app.conf, permissions: '0640', content: "port = 80\\n"}
runcmd:
  - cat /etc/app/app.conf >>/srv/order
  - [sh, -c, 'echo from runcmd | tee -a /srv/order']
`;
    const parts = `Content-Type: multipart/mixed; boundary="=="
MIME-Version: 1.0

--==
Content-Type: text/cloud-config

runcmd: ['echo first >>/srv/order']

--==
Content-Type: text/x-shellscript; name="setup.sh"

#!/bin/sh
echo second >>/srv/order

--==--
`;
    const launch = { ImageId: await debianImage(cloud.ec2), KeyName: 'launch' };
    machines.configured = await run(cloud.ec2, {
      ...launch,
      UserData: base64(config),
      MetadataOptions: { HttpTokens: 'required' },
    });
    machines.inParts = await run(cloud.ec2, { ...launch, UserData: base64(parts) });
    for (const id of Object.values(machines)) await reaches(cloud.ec2, id, 'running');
  });
  afterAll(async () => {
    await cloud.stop();
    removeState(cloud.state);
  });

  test('cloud-init does what #cloud-config says, from the metadata service with its token', async () => {
    const address = await addressOf(machines.configured);
    expect(await ssh(address, key, 'cloud-init status --wait')).toMatch(/status: done$/);
    expect(await ssh(address, key, 'sudo stat -c "%a %U" /etc/app/app.conf; cat /srv/order')).toBe(
      '640 root\nport = 80\nfrom runcmd',
    );
    const { stdout } = await execa('ssh', [
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'],
      ...['-i', deployKey, `deploy@${address ?? ''}`, 'id -un'],
    ]);
    expect(stdout).toBe('deploy');
    const query = "sudo cloud-init query --format '{{cloud_name}} {{instance_id}} {{region}}'";
    expect(await ssh(address, key, query)).toBe(`aws ${machines.configured} us-east-1`);
    const failed = 'systemctl is-system-running --wait; systemctl --failed --plain --no-legend';
    expect(await ssh(address, key, failed)).toBe('running');
    const { Output = '' } = await cloud.ec2.send(
      new GetConsoleOutputCommand({ InstanceId: machines.configured }),
    );
    expect(Buffer.from(Output, 'base64').toString()).toContain('from runcmd');
  });

  test('cloud-init runs each part of multipart user data, once in the life of the instance', async () => {
    const order = async () => {
      const address = await addressOf(machines.inParts);
      await ssh(address, key, 'cloud-init status --wait');
      return ssh(address, key, 'cat /srv/order');
    };
    expect(await order()).toBe('first\nsecond');
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [machines.inParts] }));
    await reaches(cloud.ec2, machines.inParts, 'stopped');
    await cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [machines.inParts] }));
    await reaches(cloud.ec2, machines.inParts, 'running');
    expect(await order()).toBe('first\nsecond');
  });

  test('a container gets a token only as far away as the hop limit says', async () => {
    const container = await containerOn(cloud.state, machines.inParts);
    const setLimit = (HttpPutResponseHopLimit: number) =>
      cloud.ec2.send(
        new ModifyInstanceMetadataOptionsCommand({ InstanceId: machines.inParts, HttpPutResponseHopLimit }),
      );
    try {
      // It gets there and back: without a token it reads, while none is required.
      expect(await container.fetch('GET', `${service}/meta-data/instance-id`)).toBe(machines.inParts);
      expect(await container.fetch('PUT', `${service}/api/token`)).toBe('no answer');
      expect(await ssh(await addressOf(machines.inParts), key, putToken)).toMatch(/^\S{40,}$/);
      await setLimit(2);
      expect(await container.fetch('PUT', `${service}/api/token`)).toMatch(/^\S{40,}$/);
    } finally {
      await container.remove();
    }
  });

  test('another machine that takes its address reads nothing in its name', async () => {
    const [mine, victims] = [await addressOf(machines.configured), await addressOf(machines.inParts)];
    // It does not answer for itself, and keeps its address.
    await cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [machines.inParts] }));
    await reaches(cloud.ec2, machines.inParts, 'stopped');
    const token = (address: string | undefined) =>
      `${putToken} --interface ${address ?? ''} >/dev/null && echo token || echo nothing`;
    expect(await ssh(mine, key, token(mine))).toBe('token');
    // Whoever begins to talk says its address first, and is believed.
    const take = `sudo ip address add ${victims ?? ''}/24 dev host0; sudo ip neighbour flush dev host0`;
    expect(await ssh(mine, key, `${take}; ${token(victims)}`)).toBe('nothing');
    // Nor does it draw on itself what is sent to the other's network card, by a word of ARP from there.
    const { NetworkInterfaces: [card] = [] } = await describe1(cloud.ec2, machines.inParts);
    const mac = (card?.MacAddress ?? '').replaceAll(':', '');
    const arp = `bytes.fromhex('${'ff'.repeat(6)}${mac}08060001080006040001${mac}') + socket.inet_aton('${mine ?? ''}') + bytes(10)`;
    const send = `import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('host0', 0)); s.send(${arp})`;
    await ssh(mine, key, `sudo python3 -c "${send}"`);
    const { stdout: known } = await execa('bridge', ['fdb', 'show']);
    expect(known).not.toContain(card?.MacAddress);
    expect(await ssh(mine, key, token(mine))).toBe('token');
  });

  test('its network card has the address that EC2 shows', async () => {
    const { NetworkInterfaces = [] } = await describe1(cloud.ec2, machines.configured);
    const mac = await ssh(await addressOf(machines.configured), key, 'cat /sys/class/net/host0/address');
    expect(mac).toBe(NetworkInterfaces[0]?.MacAddress);
    expect(readFileSync('/proc/net/arp', 'utf8')).toContain(mac);
  });
});
