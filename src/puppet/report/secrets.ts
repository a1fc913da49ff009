import type { ReportEvent, ReportLog, ReportResource } from './report.ts';
import { mark, secretName, withoutQuoted, withoutSecretForms } from './secret-forms.ts';

/** Takes what is secret out of a text. */
export type Redact = (text: string) => string;

/** What these properties say of a file or a service is no secret, even if its name is `/etc/app/token`. */
const plainProperties = new Set(['ensure', 'enable', 'mode', 'owner', 'group', 'returns']);
/** Values that a secret property may have, too, and that stand everywhere. */
const plainWords = new Set(['absent', 'present', 'true', 'false', 'undef', 'unset', 'nothing', '[redacted]']);
const minimumLength = 4;

/**
 * Takes out of texts what looks like a secret, what the patterns find, and the values that the report's own events
 * give to secret properties, wherever else they stand.
 * @param patterns of `--secret`, global
 */
export function redactor(patterns: readonly RegExp[], resources: readonly ReportResource[] = []): Redact {
  const values = secretValues(resources);
  const literal = values.length === 0 ? [] : [new RegExp(values.map(escaped).join('|'), 'g')];
  return (text) => {
    let shown = text;
    for (const pattern of [...literal, ...patterns])
      shown = shown.replace(pattern, (found) => (found === '' ? '' : mark));
    return withoutSecretForms(shown);
  };
}

/** Whether the values of an event are secret: Puppet says so, or a name does. */
export function isSecret(
  resource: Pick<ReportResource, 'title'>,
  event: Pick<ReportEvent, 'property' | 'redacted'>,
): boolean {
  const property = event.property ?? '';
  if (event.redacted || secretName.test(property)) return true;
  return secretName.test(resource.title) && !plainProperties.has(property);
}

/** What Puppet logged of a resource, without the diff of a secret file and without the values of secret properties. */
export function loggedText(resource: Pick<ReportResource, 'title'>, { source, message }: ReportLog): string {
  const isContent = source.endsWith('/content') || message.includes('\n@@ ');
  if (isContent && secretName.test(resource.title)) return mark;
  const property = source.endsWith(']') ? '' : source.slice(source.lastIndexOf('/') + 1);
  return secretName.test(property) ? withoutQuoted(message) : message;
}

/** Longest first, so that none is cut by a shorter one in it. */
function secretValues(resources: readonly ReportResource[]): string[] {
  const values = new Set<string>();
  for (const resource of resources) {
    for (const event of resource.events.filter((one) => isSecret(resource, one))) {
      for (const text of textsIn([event.previousValue, event.desiredValue], 0)) values.add(text);
    }
  }
  return [...values].sort((a, b) => b.length - a.length);
}

/** Line by line: in a diff each stands alone. */
function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.length >= minimumLength && !plainWords.has(line.toLowerCase()));
  }
  if (typeof value !== 'object' || value === null || depth > 3) return [];
  return Object.values(value)
    .slice(0, 100)
    .flatMap((inner) => textsIn(inner, depth + 1));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
