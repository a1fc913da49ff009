import { parseDocument } from 'yaml';
import { parseNodes } from '../nodes/parse-nodes.ts';
import type { NodeDraft } from './puppet-folders.ts';

/** What a file called nodes.yaml is: the nodes of Bakehouse, or what else. */
export type NodesVerdict = { nodes: string[] } | { other: string };

/** Judges the text of a nodes.yaml, which may be another tool's. @param file its name, for what is said of it */
export function judgeNodesFile(text: string, file: string): NodesVerdict {
  const document = parseDocument(text, { logLevel: 'silent' });
  const data: unknown = document.errors.length > 0 ? undefined : safeData(document);
  if (Array.isArray(data)) return { other: 'a list, not a mapping of nodes' };
  if (isMapping(data)) {
    const keys = Object.keys(data);
    const isGroup = (value: unknown) =>
      isMapping(value) && ['hosts', 'children'].some((key) => isMapping(value[key]));
    if (Object.values(data).some(isGroup)) return { other: "Ansible's inventory" };
    if (keys.includes('apiVersion') && keys.includes('kind')) return { other: "Kubernetes'" };
    if (keys.some((key) => key.includes('::'))) return { other: "Hiera's data" };
  }
  const { nodes, problems } = parseNodes(text, file);
  const [problem] = problems;
  if (problem === undefined) return { nodes: nodes.map(({ name }) => name) };
  return {
    other: `not yet Bakehouse's: ${file}:${problem.line}:${problem.column}: ${problem.message}`,
  };
}

/** Aliases that multiply without end are no data. */
function safeData(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A nodes.yaml to edit, of the kinds of servers that Puppet knows. @param from where they were found */
export function draftNodesFile(drafts: readonly NodeDraft[], from: string): string {
  const lines = drafts.flatMap(({ name, role }) => [
    // A name of digits only, or one such as `yes`, is quoted.
    `  ${/^[a-z][a-z0-9-]*$/.test(name) && !/^(y|n|yes|no|on|off|true|false|null)$/.test(name) ? name : `'${name}'`}:`,
    ...(role === undefined ? [] : [`    facts: {role: '${role}'}`]),
  ]);
  return `# The kinds of servers that Bakehouse bakes: docs/nodes-yaml.md of the package has every key.
# ${from}. Remove what needs no image.
defaults:
  group: default  # EC2 security groups of the servers
  size: t3.small  # EC2 instance type of the bake
nodes:
${lines.join('\n')}
`;
}
