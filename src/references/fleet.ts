import type { FleetData, SpotFleetRequestConfig } from '@aws-sdk/client-ec2';
import { malformed } from '../aws/ec2-failure.ts';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import { allUses, imageUses, requiredImageUses, type User, type Uses } from './launch-source.ts';
import { pinOf, type TemplateSpecification } from './pin.ts';
import { together } from './together.ts';

/** The calls that fleets need. */
export interface FleetWorld {
  describeFleets: (query: {
    MaxResults: number;
    NextToken?: string;
  }) => Promise<{ Fleets?: FleetData[] | undefined } & Page>;
  describeSpotFleetRequests: (query: {
    MaxResults: number;
    NextToken?: string;
  }) => Promise<{ SpotFleetRequestConfigs?: SpotFleetRequestConfig[] | undefined } & Page>;
}

const fleetCall = 'ec2:DescribeFleets';
const spotCall = 'ec2:DescribeSpotFleetRequests';
/** These launch nothing any more, though instances of theirs may go on: those are references themselves. */
const over = new Set([
  'failed',
  'deleted',
  'deleted_running',
  'deleted_terminating',
  'cancelled',
  'cancelled_running',
  'cancelled_terminating',
]);

/**
 * What EC2 Fleets and Spot Fleets launch from, as long as they may launch. EC2 does not list fleets of the type
 * `instant`: they launch once, and their instances are references themselves.
 */
export async function findFleets(world: FleetWorld): Promise<Uses> {
  const uses = await together([
    collectPages(
      (next) => world.describeFleets({ MaxResults: 100, ...next }),
      ({ Fleets: fleets }) => fleets?.map(usesOfFleet),
      fleetCall,
    ),
    collectPages(
      (next) => world.describeSpotFleetRequests({ MaxResults: 100, ...next }),
      ({ SpotFleetRequestConfigs: requests }) => requests?.map(usesOfSpotFleet),
      spotCall,
    ),
  ]);
  return allUses(uses.flat());
}

function usesOfFleet(fleet: FleetData): Uses {
  const id = known(fleet.FleetId, fleetCall, "a fleet's id");
  const state = known(fleet.FleetState, fleetCall, `the state of ${id}`);
  if (over.has(state)) return { found: [], pins: [] };
  const user: User = { kind: 'fleet', by: `EC2 Fleet ${id} (${state})`, call: fleetCall };
  return usesOfConfigs(known(fleet.LaunchTemplateConfigs, fleetCall, `the templates of ${id}`), user);
}

function usesOfSpotFleet(request: SpotFleetRequestConfig): Uses {
  const id = known(request.SpotFleetRequestId, spotCall, "a Spot Fleet request's id");
  const state = known(request.SpotFleetRequestState, spotCall, `the state of ${id}`);
  if (over.has(state)) return { found: [], pins: [] };
  const user: User = { kind: 'fleet', by: `Spot Fleet ${id} (${state})`, call: spotCall };
  const { LaunchSpecifications: specifications = [], LaunchTemplateConfigs: configs = [] } = known(
    request.SpotFleetRequestConfig,
    spotCall,
    `the configuration of ${id}`,
  );
  if (specifications.length + configs.length === 0) throw malformed(spotCall, `it lacks what ${id} launches`);
  return allUses([
    usesOfConfigs(configs, user),
    { found: specifications.flatMap((specification) => requiredImageUses(specification, user)), pins: [] },
  ]);
}

interface TemplateConfig {
  LaunchTemplateSpecification?: TemplateSpecification | undefined;
  /** A Spot Fleet's cannot name an image. */
  Overrides?: readonly { InstanceType?: string | undefined; ImageId?: string | undefined }[] | undefined;
}

function usesOfConfigs(configs: readonly TemplateConfig[], user: User): Uses {
  return {
    pins: configs.map(({ LaunchTemplateSpecification: specification }) =>
      pinOf(known(specification, user.call, `the launch template of ${user.by}`), user),
    ),
    found: configs.flatMap(({ Overrides: overrides = [] }) =>
      overrides.flatMap((override) => imageUses(override, user)),
    ),
  };
}
