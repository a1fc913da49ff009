import { authorizeRules } from '../api/change-rules.ts';

export const authorizeSecurityGroupEgress = authorizeRules('egress');
