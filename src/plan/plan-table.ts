import type { Action, Decision, Reason } from './reason.ts';
import { listed, reasonText, sharedText } from './reason-text.ts';

const maxNodes = 8;
const maxImages = 3;
const maxLines = 10;

const order: readonly Action[] = ['failed', 'bake', 'skip'];

/** The decisions as rows for a person: failed nodes first; nodes for which the same is to be said share a row. */
export function planTable(decisions: readonly Decision[]): { head: string[]; rows: (string | string[])[][] } {
  const sorted = order.flatMap((action) => decisions.filter((decision) => decision.action === action));
  const groups = new Map<string, Decision[]>();
  for (const decision of sorted) {
    const key = JSON.stringify([decision.action, decision.reasons.map(essence)]);
    groups.set(key, [...(groups.get(key) ?? []), decision]);
  }
  const rows = [...groups.values()].map((group) => [
    group[0]?.action ?? '',
    listed(
      group.map(({ node }) => node),
      maxNodes,
    ),
    whyCell(group),
  ]);
  return { head: ['plan', 'nodes', 'why'], rows };
}

/** How many nodes there are of each kind: `2 to bake, 5 unchanged, 1 failed`. */
export function planSummary(decisions: readonly Decision[]): string {
  const count = (action: Action) => decisions.filter((decision) => decision.action === action).length;
  const failed = count('failed');
  return [
    `${count('bake')} to bake`,
    `${count('skip')} unchanged`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

/** What a reason says apart from the node: nodes with the same share a row. */
function essence(reason: Reason): unknown {
  if (reason.kind === 'differs') {
    const causes = reason.causes.map(({ input, was, is }) =>
      input === 'source' ? [input, was, is] : [input],
    );
    return [reason.kind, causes, reason.lines];
  }
  return sharedText(reason, '');
}

function whyCell(group: readonly Decision[]): string[] {
  const [first, ...others] = group;
  return (first?.reasons ?? []).flatMap((reason, index) => [
    others.length === 0 ? reasonText(reason) : sharedText(reason, imagesOf(group, index)),
    ...(reason.kind === 'differs' ? resourceLines(reason.lines) : []),
  ]);
}

function imagesOf(group: readonly Decision[], index: number): string {
  const images = group.flatMap(({ node, reasons }) => {
    const reason = reasons[index];
    return reason !== undefined && 'image' in reason ? [`${reason.image} (${node})`] : [];
  });
  return listed(images, maxImages);
}

function resourceLines(lines: readonly string[]): string[] {
  // Ten in all, the one that counts the others included.
  const shown = lines.length > maxLines ? lines.slice(0, maxLines - 1) : lines;
  const left = lines.length - shown.length;
  return [...shown, ...(left > 0 ? [`… and ${left} more`] : [])].map((line) => `  ${line}`);
}
