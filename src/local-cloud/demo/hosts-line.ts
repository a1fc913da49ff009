const ours = '# of npm start -- --puppet-server';

/** The text of a hosts file with a machine's name in it, before all others; one of an earlier run that was killed goes. */
export function withHost(text: string, address: string, name: string): string {
  return `${address} ${name} ${ours}\n${withoutHost(text)}`;
}

/** The same without it. */
export function withoutHost(text: string): string {
  return text.replace(/^.*\n?/gm, (line) => (line.trimEnd().endsWith(ours) ? '' : line));
}
