import type {
  Reservation,
  SpotInstanceRequest,
  FleetData,
  SpotFleetRequestConfig,
} from '@aws-sdk/client-ec2';
import { collectPages, required, waitForAll } from '../aws/answers.ts';
import { malformed } from '../aws/ec2-failure.ts';
import {
  type FoundReference,
  requiredImageUses,
  allUses,
  imageUses,
  type User,
  type Uses,
  pinOf,
  type TemplateSpecification,
} from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';

const instancesCall = 'ec2:DescribeInstances';

/**
 * The images that instances use: in every state but terminated, since a stopped one is started again, and a state
 * that we do not know may come to life as well.
 * @param imageId only the users of this image
 */
export async function findInstances(
  describe: ReferenceCalls['describeInstances'],
  imageId?: string,
): Promise<FoundReference[]> {
  const ofImage = imageId === undefined ? {} : { Filters: [{ Name: 'image-id', Values: [imageId] }] };
  return collectPages(
    (next) => describe({ ...ofImage, MaxResults: 500, ...next }),
    ({ Reservations: reservations }) => reservations?.flatMap(usesOfInstances),
    instancesCall,
  );
}

function usesOfInstances({ Instances: instances }: Reservation): FoundReference[] {
  return required(instances, instancesCall, 'the instances of a reservation').flatMap((instance) => {
    const id = required(instance.InstanceId, instancesCall, "an instance's id");
    const state = required(instance.State?.Name, instancesCall, `the state of ${id}`);
    if (state === 'terminated') return [];
    const image = required(instance.ImageId, instancesCall, `the image of ${id}`);
    return [{ id: image, kind: 'instance', by: `instance ${id} (${state})` }];
  });
}

const requestsCall = 'ec2:DescribeSpotInstanceRequests';
/** These launch nothing any more. `disabled` is a persistent request whose instance was stopped. */
const endedRequest = new Set(['closed', 'cancelled', 'failed']);

/** The images and snapshots of spot requests that may still launch an instance. */
export async function findSpotRequests(
  describe: ReferenceCalls['describeSpotInstanceRequests'],
): Promise<FoundReference[]> {
  return collectPages(
    (next) => describe({ MaxResults: 500, ...next }),
    ({ SpotInstanceRequests: requests }) => requests?.flatMap(usesOfRequest),
    requestsCall,
  );
}

function usesOfRequest(request: SpotInstanceRequest): FoundReference[] {
  const id = required(request.SpotInstanceRequestId, requestsCall, "a spot request's id");
  const state = required(request.State, requestsCall, `the state of ${id}`);
  if (endedRequest.has(state)) return [];
  const by = `spot request ${id} (${state})`;
  return requiredImageUses(request.LaunchSpecification ?? {}, {
    kind: 'spot-request',
    by,
    call: requestsCall,
  });
}

const fleetCall = 'ec2:DescribeFleets';
const spotCall = 'ec2:DescribeSpotFleetRequests';
/** These launch nothing any more. Their instances may still run, and are references themselves. */
const endedFleet = new Set([
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
export async function findFleets(
  calls: Pick<ReferenceCalls, 'describeFleets' | 'describeSpotFleetRequests'>,
): Promise<Uses> {
  const uses = await waitForAll([
    collectPages(
      (next) => calls.describeFleets({ MaxResults: 100, ...next }),
      ({ Fleets: fleets }) => fleets?.map(usesOfFleet),
      fleetCall,
    ),
    collectPages(
      (next) => calls.describeSpotFleetRequests({ MaxResults: 100, ...next }),
      ({ SpotFleetRequestConfigs: requests }) => requests?.map(usesOfSpotFleet),
      spotCall,
    ),
  ]);
  return allUses(uses.flat());
}

function usesOfFleet(fleet: FleetData): Uses {
  const id = required(fleet.FleetId, fleetCall, "a fleet's id");
  const state = required(fleet.FleetState, fleetCall, `the state of ${id}`);
  if (endedFleet.has(state)) return { found: [], pins: [] };
  const user: User = { kind: 'fleet', by: `EC2 Fleet ${id} (${state})`, call: fleetCall };
  return usesOfConfigs(required(fleet.LaunchTemplateConfigs, fleetCall, `the templates of ${id}`), user);
}

function usesOfSpotFleet(request: SpotFleetRequestConfig): Uses {
  const id = required(request.SpotFleetRequestId, spotCall, "a Spot Fleet request's id");
  const state = required(request.SpotFleetRequestState, spotCall, `the state of ${id}`);
  if (endedFleet.has(state)) return { found: [], pins: [] };
  const user: User = { kind: 'fleet', by: `Spot Fleet ${id} (${state})`, call: spotCall };
  const { LaunchSpecifications: specifications = [], LaunchTemplateConfigs: configs = [] } = required(
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
      pinOf(required(specification, user.call, `the launch template of ${user.by}`), user),
    ),
    found: configs.flatMap(({ Overrides: overrides = [] }) =>
      overrides.flatMap((override) => imageUses(override, user)),
    ),
  };
}
