/** Of which image the list is. */
export const head = { node: 'redis', image: 'ami-0a', run: 'run-1' };

/** What templates/provision/contents.sh prints, part by part. */
export const parts: Readonly<Record<string, string>> = {
  machine: `1795867200
6.1.0-28-cloud-amd64
amd64
PRETTY_NAME="Debian GNU/Linux 12 \\"bookworm\\""
ID=debian
VERSION_ID="12"
BUG_REPORT_URL='https://bugs.debian.org/'
`,
  packages: `ii \tnginx\t1.22.1-9+deb12u1\tamd64\tnginx\t1.22.1-9+deb12u1
hi \tadduser\t3.134\tall\tadduser\t3.134
ii \tlibssl3\t3.0.15-1\ti386\topenssl\t3.0.15-1
iU \tlibssl3\t3.0.15-1\tamd64\topenssl\t3.0.15-1
rc \tapache2\t2.4\tamd64\tapache2\t2.4
un \tgone\t\t\t\t
`,
  services: `enabled apt-daily.timer
enabled getty@tty1.service
enabled nginx.service
enabled nginx.service
enabled remote-fs.target
enabled puppet.service
masked puppet.service
-
apt-daily.timer loaded active waiting Daily apt download activities
getty@tty1.service loaded active running Getty on tty1
ssh.service loaded active running OpenBSD Secure Shell server
systemd-sysctl.service loaded active exited Apply Kernel Variables
systemd-udevd-control.socket loaded active running udev Control Socket
user@1000.service loaded active running User Manager for UID 1000
run-r0a.service loaded active running /bin/true
`,
  ports: `udp UNCONN 0 0 10.0.3.7%host0:68 0.0.0.0:* users:(("systemd-network",pid=30,fd=18))
udp UNCONN 0 0 127.0.0.1:323 0.0.0.0:*
tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=90,fd=3))
tcp LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=90,fd=4))
tcp LISTEN 0 100 *:8080 *:* users:(("java",pid=91,fd=4),("java",pid=92,fd=4))
`,
  users: `root:0:0:/root:/bin/bash
admin:1000:1000:/home/admin:/bin/bash
+::::
`,
  setuid: '4755\troot\troot\t/usr/bin/sudo\x002755\troot\tmail\t/opt/a\nb\tc\0',
};

/**
 * A list of these parts.
 * @param over other texts; undefined: the part is not there
 * @param broken the part that was not listed to its end
 */
export function listing(over: Readonly<Record<string, string | undefined>> = {}, broken = ''): string {
  return Object.entries({ ...parts, ...over })
    .map(([part, text]) => {
      if (text === undefined) return '';
      const end = part === broken ? '' : `--- bakehouse contents: end of ${part} ---\n`;
      return `--- bakehouse contents: ${part} ---\n${text}${end}`;
    })
    .join('');
}
