/** A parameter of Systems Manager. */
export interface Parameter {
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly dataType: 'text' | 'aws:ec2:image';
  readonly value: string;
  /** From 1. */
  readonly version: number;
  readonly description?: string;
  readonly modifiedAt: string;
  /** The versions before this one, the oldest first; 99 at most, as 100 are kept in all. */
  readonly older: readonly ParameterVersion[];
}

export type ParameterVersion = Omit<Parameter, 'older'>;
