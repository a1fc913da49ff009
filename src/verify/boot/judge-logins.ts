import type { LoginRule, ServerFacts } from './server-facts.ts';

/** Who but the holder of the launch key could log in to a server, by its keys and by what its sshd says of itself. */
export function loginProblems(facts: ServerFacts, launchKey: string): string[] {
  const keys = facts.authorized
    .filter(({ line }) => keyOf(line).key !== launchKey)
    .map(({ file, line }) => `${file} lets ${keyName(line)} in`);
  const known = facts.logins.filter(({ settings }) => settings.has('passwordauthentication'));
  if (known.length === 0) return [...keys, 'it is not known whom sshd lets in: sshd -T does not say'];
  return [...keys, ...known.flatMap((rule) => [...passwordProblems(rule, facts), ...trustProblems(rule)])];
}

function passwordProblems({ user, settings }: LoginRule, { passwords }: ServerFacts): string[] {
  const isYes = (name: string) => settings.get(name) === 'yes';
  const asks = isYes('kbdinteractiveauthentication') || isYes('challengeresponseauthentication');
  const takes = isYes('passwordauthentication') || (asks && isYes('usepam'));
  if (!takes || !isEnough(settings.get('authenticationmethods') ?? 'any')) return [];
  if (user === 'root' && !isYes('permitrootlogin')) return [];
  return passwords
    .filter((one) => one.user === user)
    .flatMap(({ state }) => {
      if (state === 'set') return [`sshd lets ${user} in by a password of the image`];
      return isYes('permitemptypasswords') ? [`sshd lets ${user} in without a password`] : [];
    });
}

/** Whether some list of methods (sshd_config(5)) asks for no more than what a password answers. */
function isEnough(methods: string): boolean {
  const answered = /^(?:password|none|keyboard-interactive(?::\S+)?)$/;
  return (
    methods === 'any' ||
    methods.split(/\s+/).some((list) => list.split(',').every((method) => answered.test(method)))
  );
}

function trustProblems({ settings }: LoginRule): string[] {
  const named = (name: string) => {
    const value = settings.get(name) ?? 'none';
    return value === 'none' ? undefined : value;
  };
  const authority = named('trustedusercakeys');
  const command = named('authorizedkeyscommand');
  return [
    ...(settings.get('hostbasedauthentication') === 'yes'
      ? ['sshd lets in whom another host vouches for (HostbasedAuthentication)']
      : []),
    ...(authority === undefined ? [] : [`sshd lets in whom the certificate authority in ${authority} signs`]),
    // EC2 Instance Connect, which is on in AWS's own images: whom that lets in is IAM's to say, not the image's.
    ...(command === undefined || /\/eic_run_authorized_keys(?: |$)/.test(command)
      ? []
      : [`sshd lets in whom ${command.split(' ')[0] ?? ''} names (AuthorizedKeysCommand)`]),
  ];
}

/** A line of authorized_keys (sshd(8)): options, unless it begins with the key's kind, then kind, key and comment. */
function keyOf(line: string): { kind: string; key: string; comment: string } {
  const isKind = /^(?:ssh|ecdsa|sk)-\S+\s/;
  const text = isKind.test(line) ? line : line.replace(/^(?:[^\s"]|"(?:\\.|[^"\\])*")+\s+/, '');
  const [kind = '', key = '', ...comment] = isKind.test(text) ? text.trim().split(/\s+/) : [];
  return { kind, key, comment: comment.join(' ') };
}

/** The comment of an authorized key, else its kind: not the key itself, which says nothing to a reader. */
function keyName(line: string): string {
  const { kind, comment } = keyOf(line);
  return kind === '' ? 'a line that is no key' : `the key '${comment === '' ? kind : comment}'`;
}
