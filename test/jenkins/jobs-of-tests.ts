import { join } from 'node:path';
import { type AgentWish, type BuildWish } from './controller.ts';

/** A declarative pipeline without an agent whose only stage runs this Groovy, with methods and sections of its own. */
export function pipeline(
  script: string,
  more: { sections?: string; stages?: string; methods?: string; head?: string } = {},
): string {
  const { sections = '', stages = '', methods = '', head = '' } = more;
  return `${head}
pipeline {
  agent none
  ${sections}
  stages {
    stage('One') { steps { script {
      ${script}
    } } }
    ${stages}
  }
}
${methods}
`;
}

/** An agent with the label `agent`, in a folder with a space. */
export function agentIn(folder: string, name = 'one', executors = 1): AgentWish {
  return { name, labels: ['agent'], executors, root: join(folder, `agent ${name}`) };
}

/** A build of a job of its own, unless `more` says otherwise. */
export function wishIn(folder: string, text: string, more: Partial<BuildWish> = {}): BuildWish {
  return { controller: join(folder, 'controller'), agents: [agentIn(folder)], text, ...more };
}
