import { randomUUID } from 'node:crypto';
import type { Action } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { readCredential, verifySignature, type Credential, type SignedRequest } from '../api/signature.ts';
import type { Cloud, Registry } from '../cloud.ts';
import { factsOf, noFaults, type Faults } from '../faults/faults.ts';
import type { Effect } from '../faults/fault-list.ts';
import { deliver, OrderedError, type Otherwise, perform } from '../faults/inject.ts';
import { makeQueue } from '../machines/queue.ts';
import { isRegion, type Region } from '../region.ts';
import type { AccessKey } from '../state/model.ts';
import type { Answer, Protocol } from '../protocols/protocol.ts';
import { findService, guessProtocol, protocols, rename, type Service } from '../protocols/services.ts';
import { keepReplays } from './replays.ts';

/** What happened in one call, for whoever watches. */
export interface Call {
  /** `?` where a call was refused before that was known; so with the action. */
  readonly service: Service | '?';
  /** That the call was signed for; `?` as above. */
  readonly region: string;
  readonly action: string;
  /** 0 where the connection was dropped. */
  readonly status: number;
  readonly code: string | undefined;
  readonly ms: number;
}

interface Need {
  readonly registry: Registry;
  readonly clouds: Readonly<Record<Region, Cloud>>;
  readonly watch: (call: Call) => void;
  readonly warn: (line: string) => void;
  /** None when left out. */
  readonly faults?: Faults;
}

/** Makes the function that answers requests. Whatever goes wrong is an answer: it never throws. */
export function makeDispatch({
  registry,
  clouds,
  watch,
  warn,
  faults = noFaults,
}: Need): (request: SignedRequest) => Promise<Answer> {
  const queue = makeQueue();
  const replay = keepReplays();
  return async (request) => {
    const requestId = randomUUID();
    const started = performance.now();
    let service: Service | '?' = '?';
    let region = '?';
    let protocol: Protocol = guessProtocol(request);
    let name = '?';
    let code: string | undefined;
    let effect: Effect | undefined;
    let answer: Answer;
    try {
      const credential = readCredential(request.headers.authorization);
      service = findService(credential.service);
      protocol = protocols[service];
      region = credential.region;
      const cloud = cloudIn(clouds, region);
      const key = authenticate(request, credential, cloud.store.state.account.keys);
      const asked = protocol.read(request);
      name = asked.action;
      const action = findAction(registry, service, name);
      if (action.writes && key.profile === 'readonly') throw unauthorized(name);
      const facts = factsOf(service, name, registry[service]);
      effect = facts && faults.choose({ ...facts, region });
      const run = (other?: Otherwise) => action.run(asked.parameters, changed(cloud, other));
      const write = async (other?: Otherwise) => {
        const written = faults.beforeWrite(cloud.store.state);
        return replay(region, asked, () => run(other)).finally(written);
      };
      const result = await perform(effect, {
        asked,
        protocol,
        // What changes something runs alone, so that nothing changes between its checks and the change.
        run: action.writes ? (other) => queue.add('writes', () => write(other)) : run,
        stale: (seconds) => faults.stale(cloud.store.state, seconds),
      });
      answer = protocol.success(name, result, requestId);
    } catch (error) {
      const refusal =
        error instanceof OrderedError ? error.refusal : rename(protocol, toFault(error, name, warn));
      code = refusal.code;
      answer = protocol.failure(refusal, requestId);
    }
    answer = deliver(effect, answer);
    if (answer.dropped) code = 'Dropped';
    watch({
      service,
      region,
      action: name,
      status: answer.status,
      code,
      ms: Math.round(performance.now() - started),
    });
    return answer;
  };
}

/** What AWS answers where the keys are not known: so they are in a region that the account has not enabled. */
function cloudIn(clouds: Need['clouds'], region: string): Cloud {
  if (isRegion(region)) return clouds[region];
  throw unknownKey();
}

/** The cloud as a fault changes it. A read that is late changes nothing, so all but the state may be the present. */
function changed(cloud: Cloud, { state, ...other }: Otherwise = {}): Cloud {
  return { ...cloud, ...other, ...(state === undefined ? {} : { store: { ...cloud.store, state } }) };
}

function authenticate(request: SignedRequest, credential: Credential, keys: readonly AccessKey[]): AccessKey {
  const key = keys.find(({ id }) => id === credential.accessKeyId);
  if (key === undefined) throw unknownKey();
  verifySignature(request, credential, key.secret);
  return key;
}

function unknownKey(): Fault {
  return new Fault('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
}

function findAction(registry: Registry, service: Service, name: string): Action<Cloud> {
  const actions = registry[service];
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  throw new Fault(
    'InvalidAction',
    `The action ${name} is not valid for this web service: the local cloud has no such action of ${service}`,
  );
}

function unauthorized(name: string): Fault {
  return new Fault(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation: the profile 'readonly' may not call ${name}`,
    403,
  );
}

function toFault(error: unknown, action: string, warn: (line: string) => void): Fault {
  if (error instanceof Fault) return error;
  warn(`${action}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new Fault(
    'InternalError',
    `An internal error has occurred; the local cloud's stderr says where`,
    500,
  );
}
