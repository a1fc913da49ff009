import { write } from '../api/action.ts';
import { Fault, invalidValue } from '../api/fault.ts';
import { missing } from '../api/resource-ids.ts';
import { required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSet, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { newGroup } from '../state/first-account.ts';

export const createSecurityGroup = write(
  {
    GroupName: required(text),
    GroupDescription: required(text),
    VpcId: text,
    TagSpecification: tagSpecificationShape,
  },
  ({ GroupName, GroupDescription, VpcId, TagSpecification }, { store }: Pick<Cloud, 'store'>) => {
    const { account, groups } = store.state;
    if (VpcId !== undefined && VpcId !== account.vpcId) throw missing('vpc', VpcId);
    if (GroupName.startsWith('sg-') || !/^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/.test(GroupName)) {
      throw invalidValue(`Invalid value '${GroupName}' for groupName.`);
    }
    if (Object.values(groups).some(({ name }) => name === GroupName)) {
      throw new Fault(
        'InvalidGroup.Duplicate',
        `The security group '${GroupName}' already exists for VPC '${account.vpcId}'`,
      );
    }
    const tags = readTagSpecifications(TagSpecification, 'security-group')('security-group');
    return () => {
      const group = newGroup(GroupName, GroupDescription);
      store.change((state) => {
        state.groups[group.id] = group;
        putTags(state, group.id, tags);
      });
      return { return: true, groupId: group.id, tagSet: tagSet(tags) };
    };
  },
);
