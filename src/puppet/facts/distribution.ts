/** A distribution whose machines' facts are known well enough to compile catalogs with. */
export interface Distribution {
  /** `os.name`. */
  name: 'Debian' | 'Ubuntu' | 'Amazon' | 'RedHat' | 'Rocky' | 'AlmaLinux' | 'CentOS';
  family: 'Debian' | 'RedHat';
  /** `os.release`: a minor number is a recent one, since an image's name does not tell it. */
  release: { full: string; major: string; minor?: string };
  /** `os.distro`. */
  codename: string;
  description: string;
  /** As `uname -r` gives it on EC2. */
  kernel: string;
  /** The major version of its own package of Puppet. */
  puppet?: string;
}

const debian = (full: string, codename: string, puppet: string, kernel: string): Distribution => {
  const [major = '', minor = ''] = full.split('.');
  return {
    name: 'Debian',
    family: 'Debian',
    release: { full, major, minor },
    codename,
    description: `Debian GNU/Linux ${major} (${codename})`,
    kernel,
    puppet,
  };
};
/** For Ubuntu year and month together are the major number. */
const ubuntu = (
  full: string,
  point: string,
  codename: string,
  title: string,
  puppet: string,
  kernel: string,
): Distribution => ({
  name: 'Ubuntu',
  family: 'Debian',
  release: { full, major: full },
  codename,
  description: `Ubuntu ${full}.${point} LTS${title}`,
  kernel,
  puppet,
});
const redHat = (
  name: Distribution['name'],
  full: string,
  codename: string,
  product: string,
  kernel: string,
): Distribution => {
  const [major = '', minor] = full.split('.');
  return {
    name,
    family: 'RedHat',
    release: { full, major, ...(minor === undefined ? {} : { minor }) },
    codename,
    description: `${product} release ${full} (${codename})`,
    kernel,
  };
};

const kernel8 = '4.18.0-553.el8_10.x86_64';
const kernel9 = '5.14.0-503.11.1.el9_5.x86_64';

/** By the patterns of the names that the distributions give to their AMIs; an architecture that is not ours is none. */
const known: readonly (readonly [RegExp, Distribution])[] = [
  [/^debian-11(?!\d)/, debian('11.11', 'bullseye', '5', '5.10.0-33-cloud-amd64')],
  [/^debian-12(?!\d)/, debian('12.11', 'bookworm', '7', '6.1.0-37-cloud-amd64')],
  [/^debian-13(?!\d)/, debian('13.1', 'trixie', '8', '6.12.43+deb13-cloud-amd64')],
  [
    /^(?:.*[/*])?ubuntu(?:-[a-z]+)?-(?:focal-)?20\.04(?!\d)/,
    ubuntu('20.04', '6', 'focal', '', '5', '5.15.0-1084-aws'),
  ],
  [
    /^(?:.*[/*])?ubuntu(?:-[a-z]+)?-(?:jammy-)?22\.04(?!\d)/,
    ubuntu('22.04', '5', 'jammy', '', '5', '6.8.0-1029-aws'),
  ],
  [
    /^(?:.*[/*])?ubuntu(?:-[a-z]+)?-(?:noble-)?24\.04(?!\d)/,
    ubuntu('24.04', '2', 'noble', '', '8', '6.8.0-1029-aws'),
  ],
  [/^amzn2-ami-/, redHat('Amazon', '2', 'Karoo', 'Amazon Linux', '4.14.355-276.618.amzn2.x86_64')],
  [
    /^al2023-ami-/,
    {
      ...redHat('Amazon', '2023', 'n/a', '', '6.1.134-150.224.amzn2023.x86_64'),
      description: 'Amazon Linux 2023',
    },
  ],
  [/^RHEL-8(?!\d)/, redHat('RedHat', '8.10', 'Ootpa', 'Red Hat Enterprise Linux', kernel8)],
  [/^RHEL-9(?!\d)/, redHat('RedHat', '9.5', 'Plow', 'Red Hat Enterprise Linux', kernel9)],
  [/^Rocky-8(?!\d)/, redHat('Rocky', '8.10', 'Green Obsidian', 'Rocky Linux', kernel8)],
  [/^Rocky-9(?!\d)/, redHat('Rocky', '9.5', 'Blue Onyx', 'Rocky Linux', kernel9)],
  [/^AlmaLinux OS 8(?!\d)/, redHat('AlmaLinux', '8.10', 'Cerulean Leopard', 'AlmaLinux', kernel8)],
  [/^AlmaLinux OS 9(?!\d)/, redHat('AlmaLinux', '9.5', 'Teal Serval', 'AlmaLinux', kernel9)],
  [/^CentOS[- ]Stream[- ](?:ec2[- ])?8(?!\d)/i, redHat('CentOS', '8', 'n/a', 'CentOS Stream', kernel8)],
  [/^CentOS[- ]Stream[- ](?:ec2[- ])?9(?!\d)/i, redHat('CentOS', '9', 'n/a', 'CentOS Stream', kernel9)],
];

/** Of machines that bakes do not launch: the pack asks for x86_64. */
const otherMachine = /arm64|aarch64|i386/;

/**
 * The distribution of an AMI by its name, or by a pattern for names as nodes.yaml has it (`debian-12-amd64-*`);
 * undefined when it is none of those that we know.
 */
export function distributionOf(name: string): Distribution | undefined {
  if (otherMachine.test(name)) return undefined;
  return known.find(([pattern]) => pattern.test(name))?.[1];
}
