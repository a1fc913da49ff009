import { Fault } from '../api/fault.ts';
import type { Tree } from '../api/query.ts';
import type { Xml } from '../api/xml.ts';
import type { Asked } from '../protocols/protocol.ts';

const kept = 1000;

/**
 * Answers a write that comes again with the same ClientToken as it did before, without doing it twice: SDKs send it
 * again when an answer got lost. Only a success is remembered.
 */
export function keepReplays(): (region: string, asked: Asked, run: () => Promise<Xml>) => Promise<Xml> {
  const answers = new Map<string, { readonly parameters: string; readonly result: Xml }>();
  return async (region, { action, parameters: query }, run) => {
    const token = query.get('ClientToken');
    if (typeof token !== 'string' || token === '') return run();
    const key = `${region} ${action} ${token}`;
    const parameters = JSON.stringify(plain(query));
    const before = answers.get(key);
    if (before !== undefined) {
      if (before.parameters === parameters) return before.result;
      throw new Fault(
        'IdempotentParameterMismatch',
        `The client token '${token}' has been used before, with other parameters`,
      );
    }
    const result = await run();
    answers.set(key, { parameters, result });
    const [oldest] = answers.keys();
    if (answers.size > kept && oldest !== undefined) answers.delete(oldest);
    return result;
  };
}

function plain(tree: Tree): unknown {
  if (typeof tree === 'string') return tree;
  return [...tree].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, plain(inner)]);
}
