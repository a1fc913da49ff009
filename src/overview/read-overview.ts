import { waitForAll } from '../aws/answers.ts';
import { leftoverSentence, nameOf } from '../leftovers/leftover-sentence.ts';
import { runTimeoutMs } from '../leftovers/decide-leftovers.ts';
import { decideKnowingUsers } from '../leftovers/remove-leftovers.ts';
import type { Resource } from '../leftovers/resource.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import type { PlanFile } from '../plan/plan-file.ts';
import type { References } from '../references/reference.ts';
import { type ArchiveReader, withArchive } from './archived-images.ts';
import { lastBakeOf, lastPlanOf } from './last-records.ts';
import { allFacts, currentImages, imagesOfNode } from './node-images.ts';
import type { NodeOverview, Overview } from './overview.ts';
import {
  problemSentence,
  readFacts,
  type RegionCalls,
  type RegionFacts,
  type RegionProblem,
  whyNot,
} from './region-facts.ts';

/** What the overview asks of an account; each throws what AWS throws. */
export interface OverviewAccount {
  /** The account's own. */
  region: string;
  /** Its id. */
  account: () => Promise<string>;
  /** By the cloud's clock, once it has answered. */
  now: () => Date;
  /** What may have been left behind, in the own region; it waits for the images of that. */
  resources: () => Promise<Resource[]>;
  /** A region, also the own one. */
  connect: (region: string) => Promise<RegionCalls>;
}

/** What an overview is of. */
export interface OverviewRequest {
  /** In the order in which they are shown. */
  nodes: readonly Node[];
  /** The folder of the reports. */
  reports: string;
  /** What plan decided; undefined: there is no plan. */
  plan: PlanFile | undefined;
  /** Undefined: nothing is read of what is kept of images. */
  archive: ArchiveReader | undefined;
}

/**
 * Reads all that is known of nodes and their images. What cannot be read is among the overview's problems, and the rest
 * is there.
 * @throws StageError when the account's own region does not say which images there are
 */
export async function readOverview(request: OverviewRequest, account: OverviewAccount): Promise<Overview> {
  const { nodes, reports, plan, archive } = request;
  const { region: own } = account;
  const problems: RegionProblem[] = [];
  const note = (problem: RegionProblem) => void problems.push(problem);
  // At the same time as the regions, since it is many calls one after the other.
  const resources = account.resources();
  // Without the images of the own region nobody waits for it.
  resources.catch(() => undefined);
  const regions = [...new Set([own, ...nodes.flatMap(({ promote }) => Object.keys(promote.regions))])];
  const [ownFacts, ...others] = await waitForAll(
    regions.map((region) => {
      const isOwn = region === own;
      const there = isOwn ? nodes : nodes.filter(({ promote }) => Object.hasOwn(promote.regions, region));
      const parameters = there.map(({ promote }) => promote.parameter);
      return readFacts({ region, isOwn, parameters, connect: () => account.connect(region) }, note);
    }),
  );
  if (ownFacts?.images === undefined) throw new Error('the images of the own region are known');
  const madeMs = account.now().getTime();
  const ofOwn = async <T>(what: string, answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error: unknown) => {
      note({ what, region: own, why: whyNot(error, own, true) });
      return undefined;
    });
  const [leftovers, id] = await Promise.all([
    ofOwn('leftovers are', leftoversOf(resources, ownFacts, madeMs)),
    ofOwn("the account's id is", account.account()),
  ]);
  const facts = allFacts({ ...ownFacts, images: ownFacts.images }, others);
  const said: string[] = [];
  const known = await waitForAll(
    nodes.map(async (node): Promise<NodeOverview> => {
      const current = currentImages(node, facts);
      const images = imagesOfNode(node, current, facts);
      const lastPlan = lastPlanOf(node.name, plan, images[0]?.bakedMs);
      const lastBake = await lastBakeOf(reports, node.name, (line) => said.push(line));
      return {
        ...{ node: node.name, images, current },
        ...(node.maxAgeMs !== undefined && { maxAgeMs: node.maxAgeMs }),
        ...(lastPlan && { plan: lastPlan }),
        ...(lastBake && { lastBake }),
      };
    }),
  );
  const whole =
    archive === undefined ? { nodes: known, problems: [] } : await withArchive(known, facts, archive);
  return {
    ...{ madeMs, account: id, regions, leftovers },
    nodes: whole.nodes,
    problems: [...new Set([...problems.map(problemSentence), ...said, ...whole.problems])],
  };
}

/** What ended runs left behind, in sentences, as `cleanup --leaks` finds it. */
async function leftoversOf(
  resources: Promise<Resource[]>,
  { references }: RegionFacts,
  nowMs: number,
): Promise<string[]> {
  const rules = { finished: new Set<string>(), timeoutMs: runTimeoutMs, nowMs };
  const decisions = await decideKnowingUsers(await resources, rules, {
    references: (): Promise<References> =>
      references === undefined
        ? Promise.reject(new StageError('what uses the images there is not known', exitCode.unavailable))
        : Promise.resolve(references),
  });
  return decisions
    .filter(({ action }) => action === 'delete')
    .map((decision) => {
      const { node, run, type } = decision.resource;
      const whose = [node === '' ? '' : `of ${node}`, run === '' ? '' : `of run ${run}`].filter(Boolean);
      const name =
        type === 'key-pair' ? nameOf(decision) : `${type.replaceAll('-', ' ')} ${nameOf(decision)}`;
      return `${[name, ...whose].join(' ')}: ${leftoverSentence(decision.reason)}`;
    });
}
