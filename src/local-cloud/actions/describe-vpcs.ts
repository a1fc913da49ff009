import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import { tagSet } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';

export const describeVpcs = read(
  { VpcId: list(text), Filter: filterShape, ...pageShape },
  ({ VpcId, Filter, ...page }, { store }: Pick<Cloud, 'store'>) => {
    const { account, tags } = store.state;
    const cidr = `${account.network}.0/24`;
    const vpcs = [{ id: account.vpcId }];
    const found = select({
      action: 'DescribeVpcs',
      all: vpcs,
      ids: VpcId,
      filters: Filter,
      table: {
        cidr: () => cidr,
        'cidr-block': () => cidr,
        'cidr-block-association.cidr-block': () => cidr,
        'is-default': () => true,
        isDefault: () => true,
        'owner-id': () => account.id,
        state: () => 'available',
        'vpc-id': ({ id }) => id,
      },
      tags,
      missing: (id) => missing('vpc', id),
      page,
    });
    return {
      vpcSet: found.page.map(({ id }) => ({
        vpcId: id,
        ownerId: account.id,
        state: 'available',
        cidrBlock: cidr,
        cidrBlockAssociationSet: [
          {
            associationId: id.replace('vpc-', 'vpc-cidr-assoc-'),
            cidrBlock: cidr,
            cidrBlockState: { state: 'associated' },
          },
        ],
        dhcpOptionsId: 'default',
        instanceTenancy: 'default',
        isDefault: true,
        tagSet: tagSet(tags[id]),
      })),
      nextToken: found.nextToken,
    };
  },
);
