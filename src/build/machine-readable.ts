/** A line of `packer -machine-readable`: `timestamp,target,type,data…`. */
export interface PackerLine {
  timestampSeconds: number;
  /** The builder that the line is of; empty: Packer as a whole. */
  target: string;
  type: string;
  data: string[];
}

/**
 * Reads one line of Packer's machine-readable output; undefined for anything else (a panic, a plugin's own print).
 * The escapes are Packer's own: https://developer.hashicorp.com/packer/docs/commands#machine-readable-output
 */
export function parsePackerLine(line: string): PackerLine | undefined {
  const match = /^(\d{1,15}),([^,]*),([^,]+),(.*)$/s.exec(line);
  if (match === null) return undefined;
  const [, timestamp = '', target = '', type = '', data = ''] = match;
  return { timestampSeconds: Number(timestamp), target, type, data: data.split(',').map(unescape) };
}

function unescape(text: string): string {
  return text.replaceAll('%!(PACKER_COMMA)', ',').replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}

/** The image of an artifact's id line (`us-east-1:ami-1,eu-west-1:ami-2`) in a region. */
export function imageIn(region: string, artifactId: string): string | undefined {
  return artifactId
    .split(',')
    .map((part) => part.split(':'))
    .find(([at, id]) => at === region && /^ami-[0-9a-f]+$/.test(id ?? ''))?.[1];
}
