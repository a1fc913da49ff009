import type { Overview } from '../../src/overview/overview.ts';
import { exampleOverview } from './example-overview.ts';

/** What would run, or break a page, if it were not shown as the text that it is. */
export const hostile = [
  '<script>document.title = "run"</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</td></table></pre></details><style>*{display:none}</style>',
  '{{{title}}} {{> head}} &amp; &lt;b&gt; ]]> --> <!--',
  'javascript:alert(1)\u0000\u001b[31m\u202e\u2028',
];

/** Names of nodes, and times, are checked before; what a node's contents are keyed by is, too. */
const kept = new Set(['node', 'state', 'action', 'status', 'schema', 'kind', 'unknown', 'protocol']);

/** An overview in which others' text, wherever it stands, is given by `textOf`. */
export function overviewWith(textOf: (field: string) => string): Overview {
  const change = (value: unknown, field: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => change(one, field));
    if (typeof value === 'string') return kept.has(field) ? value : textOf(field);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]));
  };
  const [example] = exampleOverview(1, 6, 3).nodes;
  if (example === undefined) throw new Error('the example has a node');
  const [first] = example.images;
  const unavailable = { ...first, unavailable: 'disabled', usersUnknownIn: ['us-east-1'] };
  const others = [
    { region: 'a', parameter: 'p', image: 'i', original: 'none' },
    { region: 'b', parameter: 'p', unknown: 'why' },
  ];
  const lastBake = { ...first?.bake, status: 'failed', error: 'why', startedMs: Date.now() };
  const whole = {
    ...exampleOverview(0, 0),
    nodes: [
      {
        ...{ ...example, images: [unavailable, ...example.images.slice(1)], lastBake },
        current: [...example.current, ...others],
      },
    ],
    problems: ['a problem'],
  };
  const changed = change(whole, '') as Overview;
  // Ids are EC2's: that two are one says that one is in service.
  const [node] = changed.nodes;
  for (const [index, image] of (node?.images ?? []).entries()) image.id = `${image.id}${index}`;
  for (const current of node?.current.slice(0, 2) ?? []) current.original = node?.images[2]?.id ?? '';
  if (node?.current[2]) node.current[2].original = 'none of them';
  if (node?.current[3]) node.current[3].unknown = textOf('unknown');
  return changed;
}
