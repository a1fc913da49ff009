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
export const vendorToken = new RegExp(formats.join('|'), 'g');
