import { consoleError, plainText } from './console.ts';
import { inEnvironment, readable } from './place.ts';

/** What kept an agent from getting a catalog. */
export type FailureReason =
  | 'server-unreachable'
  | 'server-unknown'
  | 'server-too-old'
  | 'certificate-not-signed'
  | 'certificate-known'
  | 'certificate-refused'
  | 'certificate-clock'
  | 'certificate-untrusted'
  | 'not-compiled';

/** A failure of a whole run, in a sentence that says what to do. */
export interface RunFailure {
  reason: FailureReason;
  message: string;
  file?: string;
  line?: number;
  column?: number;
}

/**
 * The words of Puppet's agent, as 7.23 prints them and 5 to 8 have them in their sources, and what they mean. In this
 * order: an agent without a server names the connection first and then that it has no route.
 */
const signs: readonly (readonly [RegExp, FailureReason, (found: string[]) => string])[] = [
  [
    // The first is what Puppet 7 says when it has waited long enough or may not wait, the other what 5 says then.
    /\(([^()\s]+)\)\.\s+Exiting now because|Exiting; no certificate found/,
    'certificate-not-signed',
    ([name]) =>
      `the Puppet server did not sign the certificate${name === '' ? '' : ` ${name}`} in time: its autosign policy refused it (is ` +
      "BAKEHOUSE_AUTOSIGN_SECRET the server's?), or nobody signed it",
  ],
  [
    /^Error: The certificate for '(?:CN=)?([^']+)' does not match its private key/m,
    'certificate-known',
    ([name]) => `the Puppet server has signed ${name} before, for another key: clean that certificate there`,
  ],
  [
    /^Error: .*certificate is not yet valid(?: for CN=([^\]\n]*))?/m,
    'certificate-clock',
    ([name]) =>
      `the certificate ${name} is not valid yet: the clock of the Puppet server or of the new machine is off`,
  ],
  [
    /^Error: .*certificate has expired(?: for CN=([^\]\n]*))?/m,
    'certificate-clock',
    ([name]) => `the certificate ${name} has expired, or the clock of the new machine is ahead`,
  ],
  [
    /^Error: (Server hostname '[^'\n]*' did not match server certificate; expected one of [^\n]*)/m,
    'certificate-untrusted',
    ([what]) => `${what}: correct \`puppet_server\`, or the server's dns_alt_names`,
  ],
  [
    /^Error: .*(certificate verify failed[^\n]*)/m,
    'certificate-untrusted',
    ([what]) => `the new machine does not trust the Puppet server: ${what}`,
  ],
  [
    /^Error: .*(?:alert certificate (?:unknown|revoked)|certificate revoked)/m,
    'certificate-refused',
    () => "the Puppet server refused the bake's certificate: it is revoked, or of another CA",
  ],
  [
    // A server of Puppet 3 takes the first word of a newer agent's URLs for an environment.
    /^Error: .*must be purely alphanumeric, not '(?:puppet-ca|puppet|v\d)'/m,
    'server-too-old',
    () =>
      "the Puppet server is older than the new machine's agent can talk to: install an agent of its major version",
  ],
  [
    /^Error: .*(?:Failed to submit the CSR|Could not request certificate)[^\n]*?[:,] ?([^\n]*)/m,
    'certificate-refused',
    ([why]) => `the Puppet server refused the bake's request for a certificate: ${why}`,
  ],
  [
    /Failed to open TCP connection to (\S+) \(getaddrinfo: ([^\n)]*)\)/,
    'server-unknown',
    ([server, why]) =>
      `the new machine knows no Puppet server ${server} (${why}): correct \`puppet_server\`, or the VPC's DNS`,
  ],
  [
    /Failed to open TCP connection to (\S+) \(([^\n]*?)(?: - [^\n]*)?\)$/m,
    'server-unreachable',
    ([server, why]) =>
      `the Puppet server ${server} cannot be reached (${why}): is it up, and open to the bake's security group?`,
  ],
  [
    /^Error: Request to https:\/\/([^/\s]+)\S* (?:timed out|failed after [\d.]+ seconds): ([^\n]*)/m,
    'server-unreachable',
    ([server, why]) => `the Puppet server ${server} does not answer as it should (${why})`,
  ],
];

const noCatalog =
  /^Error: Could not retrieve catalog from remote server: (?:Error \d+ on SERVER: )?(?:Server Error: )?/m;

/** What ended an agent's run before there was a catalog, by what it printed; undefined: nothing of that kind. */
export function runFailure(consoleText: string): RunFailure | undefined {
  const text = plainText(consoleText);
  for (const [sign, reason, sentence] of signs) {
    const found = sign.exec(text);
    // Once a catalog is applied, a server that goes away is the trouble of the resources that ask it.
    if (found !== null && !text.slice(0, found.index).includes('Applying configuration version')) {
      return { reason, message: sentence(found.slice(1).map((part) => (part as string | undefined) ?? '')) };
    }
  }
  const error = noCatalog.test(text) ? consoleError(text) : undefined;
  if (error === undefined) return undefined;
  const said = error.message.replace(noCatalogStart, '');
  return {
    ...inEnvironment(error),
    reason: 'not-compiled',
    message: `the catalog did not compile: ${readable(said)}`,
  };
}

const noCatalogStart = new RegExp(noCatalog.source.replace('Error: Could', 'Could'));
