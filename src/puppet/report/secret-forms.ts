/** What stands in the place of a secret. */
export const mark = '[secret]';

const raw = String.raw;
/** Names whose value is a secret. */
const names = raw`passw(?:or)?d|passphrase|secret|token|credential|(?:private|api|access|account|encryption).?key|requirepass|masterauth|[_-]pass(?!\w)|_pwd(?!\w)`;
/** `token_file`, `PasswordAuthentication`: says something about the secret, but is none. */
const notItself = raw`(?![_-]?(?:files?|path|dir|policy|length|ttl|type|authentication)(?!\w))`;
/** Whether a property or a title names a secret. */
export const secretName = new RegExp(names, 'i');

// A value. In quotes it may have several lines, and an unclosed quote goes on to the end. `'\''` and `'"'"'` are
// how a shell's word holds a quote. Whatever is written into a string of JSON or Ruby gets more backslashes:
// so `\"` may open, and a single quote behind any number of them does not close.
const inSingle = raw`[^'\\]*(?:\\+[^\\][^'\\]*)*`;
const singleQuoted = raw`'${inSingle}(?:'(?:(?:\\{1,3}'|\\{0,3}"'\\{0,3}")'${inSingle}(?:'|$))*|$)`;
const doubleQuoted = raw`"[^"\\]*(?:\\[^][^"\\]*)*(?:"|$)`;
const escapedQuotes = raw`(?<slashes>\\{1,3})(?<quote>["'])[^]*?(?:(?<!\\)\k<slashes>\k<quote>|$)`;
const quoted = raw`(?:${doubleQuoted}|${singleQuoted}|${escapedQuotes})`;
/** Without quotes: a closing sign belongs to it only if the word goes on. */
const word = raw`(?:\[secret\]|\\+[^\n\\]|[^\s"',;)\]}\\]|["',;)\]}](?=[^\s"',;)\]}]))+`;
/** Quotes and what is glued to them are one word of a shell's: `""secret`. */
const value = raw`(?:(?:${quoted})+(?:(?![,;)\]}])${word})?|${word})`;
const gap = raw`[^\S\n]`;
/** Values that reveal nothing; and words of a sentence, where an option is only mentioned. */
const plain = raw`(?:true|false|yes|no|on|off|undef|nil|null|none|absent|present|required|\[redacted\]|#?<?Sensitive \[value redacted\]>?)(?=$|[\s"',;)\]}])`;
const prose = raw`(?:is|was|to|or|and|for|of|in|on|with|not|has|must|can|cannot|may|needs?|requires?|options?)(?=$|[\s"',.;)\]}])`;
/** The path of a file or a property, and a sentence about it: `/etc/app/token: No such file`. */
const aboutPath = raw`(?<!\/passwd:)(?<!\/[\w.-]{1,60}:(?=\s{1,5}[A-Za-z]{1,30}\s[A-Za-z[]))`;
const separator = raw`${gap}*(?:=>|=(?![=~>])|:(?!:)${aboutPath})`;
/** Behind the name of an option: not "the two-pass compiler". */
const ofOption = raw`(?<=(?:^|[\s"'([])-[a-z-]{0,40})`;
const nextArgument = raw`\\{0,3}["']?,?${gap}+`;

type Instead = string | ((found: string, ...groups: string[]) => string);
interface Form {
  pattern: RegExp;
  instead: Instead;
}

const kept = `$1${mark}`;
/** Not the backslash that a quote behind it needs, to stay inside its string. */
const hashCharacters = raw`(?:[\w./$=,+-]|\\{1,3}(?=[\w./$=,+-])){8,}`;

/** What follows a program in its command: to the next command or the end of the line. */
const arguments_ = raw`(?=\\{0,3}["']?,?\s)(?:${quoted}|[^\n|&;])*`;
/** Secrets among the arguments of a program whose option means something else to other programs. */
const programs: readonly (readonly [program: string, before: string])[] = [
  [raw`mysql\w*|mariadb[\w-]*`, raw`[\s"']-p`],
  [
    raw`curl|wget`,
    raw`[\s"'](?:-[uU]|--user|--proxy-user)\\{0,3}["']?,?[\s=]{0,5}(?=\\{0,3}["']?[^\s:"']{0,100}:)`,
  ],
  [raw`sshpass|useradd|usermod|mongo\w*`, raw`[\s"']-p${nextArgument}`],
  [raw`(?:docker|podman|helm|az|oc)["']?,?\s["']?login`, raw`[\s"']-p${nextArgument}`],
  [raw`redis-cli`, raw`[\s"']-a${nextArgument}`],
  [raw`ldap\w+`, raw`[\s"']-w${nextArgument}`],
  [raw`openssl`, raw`[\s"']pass:`],
  [raw`rabbitmqctl`, raw`(?:add_user|change_password)\s{1,5}\S{1,100}\s{1,5}`],
];

/** In this order: what an earlier one leaves, a later one may still take. None may need more than linear time. */
const forms: readonly Form[] = [
  {
    pattern:
      /-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}[^]*?(?:-{4,5} ?END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}|$)/g,
    instead: mark,
  },
  { pattern: new RegExp(raw`(\bSensitive(?:\.new)?\s{0,5}\(\s{0,5})${value}`, 'g'), instead: kept },
  // What Puppet logs of a property: `…/User[a]/password: change from 'x' to 'y' failed`
  {
    pattern: new RegExp(raw`(\]\/\w{0,40}(?:${names})\w{0,20}: )([^\n]+)`, 'gi'),
    instead: (_, head = '', rest = '') => head + withoutQuoted(rest),
  },
  // The user's name may be empty, as in Redis' URLs. With slashes only where no port is.
  {
    pattern: /(:\/\/[^\s:/@'"[]*:)(?:[^\s/'"]+(?=@)|(?!\d{1,5}\/)[^\s'"@]{1,200}(?=@))/g,
    instead: kept,
  },
  {
    pattern: new RegExp(
      raw`(\bauthorization(?:\\{0,3}["'])?${separator}${gap}*\\{0,3}["']?(?:Basic|Bearer|Token|ApiKey|Negotiate)\s{1,5})[^\s"'\\]+`,
      'gi',
    ),
    instead: kept,
  },
  {
    pattern: new RegExp(
      raw`(\bauthorization(?:\\{0,3}["'])?${separator}${gap}*\\{0,3}["']?(?:Digest|AWS4-HMAC-SHA256)\s{1,5})[^\n]+`,
      'gi',
    ),
    instead: kept,
  },
  // "the bearer certificate" has no digit.
  { pattern: /(\bBearer\s{1,5})(?=[a-z.~+/_=-]{0,30}\d|[\w.~+/=-]{24})[\w.~+/=-]{8,}/gi, instead: kept },
  // Hashes of passwords: crypt's, with the dollars as they are or escaped; LDAP's; MySQL's; PostgreSQL's.
  {
    pattern: new RegExp(
      raw`\\{0,3}\$(?:1|2[abxy]?|5|6|7|y|gy|A|P|H|apr1|sm3|md5|sha1|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{0,10})\\{0,3}\$${hashCharacters}`,
      'g',
    ),
    instead: mark,
  },
  // Puppet prints `{sha256}…` of every file: that is no password.
  {
    pattern:
      /(\{(?:SHA\d{0,3}|MD5|(?:SSHA|SMD5|CRYPT|ssha|smd5|crypt|Crypt)\d{0,3}|PBKDF2[\w-]{0,10}|ARGON2)\})[\w./$=,+-]{8,}/g,
    instead: kept,
  },
  { pattern: /\*[0-9A-F]{40}(?!\w)|SCRAM-SHA-256\$\d{1,9}:[\w+/=$:]{8,}/g, instead: mark },
  ...programs.map(([program, before]): Form => {
    const inside = new RegExp(raw`(${before})(?!-)${value}`, 'g');
    return {
      pattern: new RegExp(raw`\b(?:${program})${arguments_}`, 'g'),
      instead: (command) => command.replace(inside, kept),
    };
  }),
  // `echo user:secret | chpasswd`
  { pattern: /(:)[^\s:'"|]{1,200}(?=["']?\s{0,5}\|\s{0,5}(?:\S{0,40}\/)?chpasswd\b)/g, instead: kept },
  // SQL; ~/.netrc; redis.conf
  {
    pattern: new RegExp(
      raw`(\b(?:identified\s{1,9}(?:with\s{1,9}\S{1,60}\s{1,9})?(?:by|as)\s{1,9}(?:password\s{1,9})?|password(?:\s{1,9}|\s{0,9}\(\s{0,9})))${quoted}`,
      'gi',
    ),
    instead: kept,
  },
  { pattern: new RegExp(raw`(\blogin\s{1,9}\S{1,100}\s{1,9}password\s{1,9})${value}`, 'gi'), instead: kept },
  {
    pattern: new RegExp(
      raw`(\b(?:requirepass|masterauth|auth-pass${gap}{1,9}\S{1,100})${gap}+)(?!${prose})${value}`,
      'gi',
    ),
    instead: kept,
  },
  // `--db-password x`, `"--token", "x"`, `-storepass x`
  {
    pattern: new RegExp(
      raw`((?:pass|password|passwd|passphrase|token|secret|(?:secret|api|access)-?key)${ofOption}${nextArgument})(?!-|${prose})${value}`,
      'gi',
    ),
    instead: kept,
  },
  // `password = x`, `"db_password": "x"`, `API_TOKEN=x`, `password => 'x'`; and YAML's blocks.
  // `passwd: files systemd` is a line of nsswitch.conf.
  {
    pattern: new RegExp(
      raw`((?<!unexpected )(?:${names})${notItself}(?!:\s{1,30}(?:files|compat|db|sss|nis|ldap|winbind|systemd)\b)\w{0,20}(?:\\{0,3}["'])?${separator}(?!${gap}*${plain})${gap}*)(?:[|>][-+\d]{0,3}${gap}*(?:(?:\n|\\{1,3}n)[+ -]?${gap}+\S[^\n]*)+|${value})`,
      'gi',
    ),
    instead: kept,
  },
];

// Every form has one of these words or signs. Most texts of a report have none, and are done after this search.
const words =
  /pass|secret|token|credential|key|auth|bearer|sensitive|identified|pwd|curl|wget|mysql|mariadb|ldap|redis-cli|login|rabbit|mongo|useradd|usermod/i;
const signs = /\$|:\/\/|\{(?:[A-Z]|ss|sm|cr)|\*[0-9A-F]/;

/** What a mark stands beside may itself look like a value then; an honest text needs one round. */
const rounds = 8;

/** Takes out of a text whatever looks like a secret, whatever it is of; once more changes nothing. */
export function withoutSecretForms(text: string): string {
  let shown = text;
  for (let round = 0; round < rounds; round += 1) {
    const before = shown;
    shown = searched(shown);
    if (shown === before) break;
  }
  return shown;
}

function searched(text: string): string {
  let shown = text.replace(vendorToken, mark);
  if (!words.test(shown) && !signs.test(shown)) return shown;
  for (const { pattern, instead } of forms) {
    shown = typeof instead === 'string' ? shown.replace(pattern, instead) : shown.replace(pattern, instead);
  }
  return shown;
}

/** Without whatever it quotes: `change from [secret] failed`. A value may hold quotes itself, so all between the outer ones. */
export function withoutQuoted(message: string): string {
  return message.replace(/(['"])[^]*\1/, mark);
}

/**
 * The formats that vendors gave their tokens so that a scanner finds them: a prefix, and how it goes on. The first
 * group is secretlint's recommended set (MIT). Secretlint itself only answers asynchronously, 0.4 ms for each text,
 * and text that holds `secretlint-disable` turns it off.
 * No format can fail late: what follows a prefix either is too short or belongs to the match, so time is linear.
 */
const formats: readonly string[] = [
  String.raw`gh[pousr]_[A-Za-z0-9_]{20,}`, // GitHub
  String.raw`github_pat_\w{20,}`,
  String.raw`gl(?:pat|rt|dt|cbt|ptt|ft|soat|imt|agent|oas)-[\w.-]{20,}`, // GitLab
  String.raw`(?:xox[a-z]|xapp)-[\w-]{10,}`, // Slack
  String.raw`hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/+-]{10,}`,
  // AWS: the id of a key, and the key itself where it follows at once, as in a CSV file.
  String.raw`(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?:[\s:,;|"'=]{1,10}[A-Za-z0-9/+]{40})?`,
  String.raw`npm_[A-Za-z0-9]{36,}`,
  String.raw`sk-(?:ant|proj|svcacct|admin)-[\w-]{20,}`, // Anthropic, OpenAI
  String.raw`(?<![\w-])sk-[A-Za-z0-9]{32,}`,
  String.raw`gsk_[A-Za-z0-9]{40,}`, // Groq
  String.raw`hf_[A-Za-z]{30,}`, // Hugging Face
  String.raw`lin_api_\w{32,}`, // Linear
  String.raw`ntn_[A-Za-z0-9]{40,}`, // Notion
  String.raw`SG\.[\w-]{16,64}\.[\w-]{16,}`, // SendGrid
  String.raw`shp(?:pa|ca|at|ss)_[A-Za-z0-9]{32,}`, // Shopify
  String.raw`glc_[A-Za-z0-9+/]{32,}={0,2}`, // Grafana
  String.raw`glsa_[A-Za-z0-9]{32,}_[A-Fa-f0-9]{8}`,
  String.raw`ops_eyJ[A-Za-z0-9+/=]{60,}`, // 1Password
  String.raw`hv[sbr]\.[\w-]{20,}`, // Vault
  String.raw`vc[piark]_[A-Za-z0-9]{20,}`, // Vercel
  String.raw`dapi[A-Fa-f0-9]{32}(?:-\d)?`, // Databricks
  String.raw`dckr_[po]at_[\w-]{20,}`, // Docker
  String.raw`figd_[\w-]{40,}`, // Figma

  // What that set lacks.
  String.raw`AIza[\w-]{35}`, // Google
  String.raw`ya29\.[\w-]{20,}`,
  String.raw`GOCSPX-[\w-]{20,}`,
  String.raw`[rs]k_(?:live|test)_[A-Za-z0-9]{10,}`, // Stripe
  String.raw`whsec_[A-Za-z0-9+/=]{20,}`,
  String.raw`do[opr]_v1_[a-f0-9]{64}`, // DigitalOcean
  String.raw`pypi-[\w-]{50,}`,
  String.raw`ATATT3[\w=-]{50,}`, // Atlassian
  String.raw`NRAK-[A-Z0-9]{27}`, // New Relic
  String.raw`AGE-SECRET-KEY-1[A-Z0-9]{50,}`,
  // JWT. Not within a longer word, so that each is read once; after an escape such as `\n` a word begins.
  String.raw`(?<!(?<!\\)[\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}`,
];

/** Finds the tokens of the vendors. */
const vendorToken = new RegExp(formats.join('|'), 'g');
