import { read } from '../api/action.ts';
import { find } from '../api/resource-ids.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

/** Machines get no public names: one would have to resolve outside of this computer, too. */
const attributes = {
  enableDnsSupport: true,
  enableDnsHostnames: false,
  enableNetworkAddressUsageMetrics: false,
};

export const describeVpcAttribute = read(
  {
    VpcId: required(text),
    Attribute: required(oneOf('enableDnsSupport', 'enableDnsHostnames', 'enableNetworkAddressUsageMetrics')),
  },
  ({ VpcId, Attribute }, { store }: Pick<Cloud, 'store'>) => {
    const { account } = store.state;
    find({ [account.vpcId]: account }, 'vpc', VpcId);
    return { vpcId: VpcId, [Attribute]: { value: attributes[Attribute] } };
  },
);
