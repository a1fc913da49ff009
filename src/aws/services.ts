/** The services of AWS that are called, by the prefix that IAM gives their actions. */
export const services = {
  ec2: { title: 'EC2', variable: 'EC2' },
  autoscaling: { title: 'Auto Scaling', variable: 'AUTO_SCALING' },
  ssm: { title: 'Systems Manager', variable: 'SSM' },
  sts: { title: 'STS', variable: 'STS' },
} as const satisfies Record<string, ServiceWords>;

export type Service = keyof typeof services;

interface ServiceWords {
  /** For a person. */
  title: string;
  /** How the SDK's variable for an endpoint of the service's own ends: `AWS_ENDPOINT_URL_EC2`. */
  variable: string;
}
