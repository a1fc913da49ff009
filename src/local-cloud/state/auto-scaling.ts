/** What a group's servers would be launched from. */
export interface TemplateRef {
  readonly id?: string;
  readonly name?: string;
  /** A number, `$Latest` or `$Default`. */
  readonly version?: string;
}

export interface LaunchConfiguration {
  readonly name: string;
  readonly uuid: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string;
  readonly groups: readonly string[];
  /** Base64. */
  readonly userData: string;
  readonly spotPrice?: string;
  readonly instanceProfile?: string;
  readonly ebsOptimized: boolean;
  readonly monitored: boolean;
  readonly publicAddress?: boolean;
  readonly createdAt: string;
}

export interface TemplateOverride {
  readonly instanceType?: string;
  readonly weight?: string;
  readonly template?: TemplateRef;
}

export interface MixedInstances {
  readonly template: TemplateRef;
  readonly overrides: readonly TemplateOverride[];
  /** The fields of InstancesDistribution that were given or have a default, as the API names them. */
  readonly distribution: Readonly<Record<string, string | number>>;
}

export type LaunchSource =
  | { readonly kind: 'configuration'; readonly name: string }
  | { readonly kind: 'template'; readonly template: TemplateRef }
  | { readonly kind: 'mixed'; readonly mixed: MixedInstances };

export interface AutoScalingGroup {
  readonly name: string;
  readonly uuid: string;
  source: LaunchSource;
  minSize: number;
  maxSize: number;
  desired: number;
  zones: readonly string[];
  /** Subnets, comma-separated, or ''. */
  subnets: string;
  cooldown: number;
  healthCheck: string;
  gracePeriod: number;
  protectedFromScaleIn: boolean;
  readonly createdAt: string;
  /** The oldest first. */
  readonly refreshes: InstanceRefresh[];
}

export interface InstanceRefresh {
  readonly id: string;
  status: 'InProgress' | 'RollbackInProgress' | 'Cancelled';
  readonly startedAt: string;
  endedAt?: string;
  rollbackAt?: string;
  readonly desired?: LaunchSource;
  /** The fields of Preferences that were given, as the API names them. */
  readonly preferences: Readonly<Record<string, string | number | boolean>>;
}
