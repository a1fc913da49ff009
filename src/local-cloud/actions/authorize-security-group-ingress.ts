import { authorizeRules } from '../api/change-rules.ts';

export const authorizeSecurityGroupIngress = authorizeRules('ingress');
