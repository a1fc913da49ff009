/** A place in a manifest, as far as Puppet named it. */
export interface Place {
  file?: string;
  line?: number;
  column?: number;
}

/** Up to the environment's own folder, wherever it was uploaded to: only what follows exists for the reader. */
const upToEnvironment = /(?:\/[^\s/'"(),:]+)*\/environments\/\w+\//g;
const inBrackets = /\(file: ([^()]+?)(?:, line: (\d+))?(?:, column: (\d+))?\)/g;

/** The place with its file relative to the environment: `modules/redis/manifests/init.pp`. */
export function inEnvironment<T extends Place>(place: T): T {
  return place.file === undefined ? place : { ...place, file: shorten(place.file) };
}

/**
 * A message of Puppet with the places that it names as `(manifests/site.pp:3:5)`, not as
 * `(file: /tmp/…/environments/production/manifests/site.pp, line: 3, column: 5)`.
 */
export function readable(message: string): string {
  const brackets = (_: string, file: string, line?: string, column?: string) =>
    `(${[file, line, column].filter((part) => part !== undefined).join(':')})`;
  return shorten(message.replace(inBrackets, brackets));
}

/** `modules/redis/manifests/init.pp:12`; empty when there is no place. */
export function placeText({ file, line, column }: Place): string {
  return file === undefined ? '' : [file, line, column].filter((part) => part !== undefined).join(':');
}

/** A message that ends with its place, unless it names that already. */
export function withPlace(message: string, place: Place): string {
  const text = placeText(place);
  return text === '' || message.includes(text) ? message : `${message} (${text})`;
}

function shorten(text: string): string {
  return text.replace(upToEnvironment, '');
}
