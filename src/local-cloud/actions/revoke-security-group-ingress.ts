import { revokeRules } from '../api/change-rules.ts';

export const revokeSecurityGroupIngress = revokeRules('ingress');
