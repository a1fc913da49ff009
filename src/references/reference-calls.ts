import type * as AutoScaling from '@aws-sdk/client-auto-scaling';
import type * as Ec2 from '@aws-sdk/client-ec2';
import type * as Ssm from '@aws-sdk/client-ssm';

type Call<Query, Answer> = (query: Query) => Promise<Answer>;

/** The calls of AWS that say who uses an image; each throws a CloudError when AWS is not available. */
export interface ReferenceCalls {
  describeInstances: Call<Ec2.DescribeInstancesRequest, Ec2.DescribeInstancesResult>;
  describeLaunchTemplates: Call<Ec2.DescribeLaunchTemplatesRequest, Ec2.DescribeLaunchTemplatesResult>;
  describeLaunchTemplateVersions: Call<
    Ec2.DescribeLaunchTemplateVersionsRequest,
    Ec2.DescribeLaunchTemplateVersionsResult
  >;
  describeLaunchConfigurations: Call<
    AutoScaling.LaunchConfigurationNamesType,
    Partial<AutoScaling.LaunchConfigurationsType>
  >;
  describeAutoScalingGroups: Call<
    AutoScaling.AutoScalingGroupNamesType,
    Partial<AutoScaling.AutoScalingGroupsType>
  >;
  /** Of one group: the API has no other. */
  describeInstanceRefreshes: Call<
    AutoScaling.DescribeInstanceRefreshesType,
    AutoScaling.DescribeInstanceRefreshesAnswer
  >;
  describeSpotInstanceRequests: Call<
    Ec2.DescribeSpotInstanceRequestsRequest,
    Ec2.DescribeSpotInstanceRequestsResult
  >;
  describeSpotFleetRequests: Call<
    Ec2.DescribeSpotFleetRequestsRequest,
    Ec2.DescribeSpotFleetRequestsResponse
  >;
  describeFleets: Call<Ec2.DescribeFleetsRequest, Ec2.DescribeFleetsResult>;
  describeParameters: Call<Ssm.DescribeParametersRequest, Ssm.DescribeParametersResult>;
  getParameters: Call<Ssm.GetParametersRequest, Ssm.GetParametersResult>;
  describeImages: Call<Ec2.DescribeImagesRequest, Ec2.DescribeImagesResult>;
  /** Of one image: the API has no other. */
  describeImageAttribute: Call<Ec2.DescribeImageAttributeRequest, Ec2.ImageAttribute>;
  describeImageReferences: Call<Ec2.DescribeImageReferencesRequest, Ec2.DescribeImageReferencesResult>;
  /** Our own account's id. */
  accountId: () => Promise<string>;
}
