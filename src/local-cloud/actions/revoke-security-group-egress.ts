import { revokeRules } from '../api/change-rules.ts';

export const revokeSecurityGroupEgress = revokeRules('egress');
