import { describe, expect, test } from '@jest/globals';
import { fitted } from '../../src/init/decide-files.ts';
import { readTeamPackage } from '../../src/init/team-files.ts';

describe('what is fitted to a repository', () => {
  const fileOf = async (name: string) => {
    const file = (await readTeamPackage()).files.find(({ path }) => path === name);
    if (file === undefined) throw new Error(`the package has no ${name}`);
    return file;
  };

  test.each(["a'b", 'a\\b', 'a\nb', "'; sh 'x", '$x', 'a b', '-x'])(
    'the name %j never reaches Groovy or Ruby',
    async (name) => {
      for (const path of ['Jenkinsfile', 'jobs/seed.jenkinsfile', 'templates/Vagrantfile']) {
        const file = await fileOf(path);
        expect(
          fitted(file, { BAKEHOUSE_NODES: name, BAKEHOUSE_MANIFESTS: name, BAKEHOUSE_BRANCH: name }),
        ).toEqual(file);
      }
    },
  );

  test.each<[string, string[]]>([
    ['Jenkinsfile', ["BAKEHOUSE_BRANCH = 'release/1.x'", "BAKEHOUSE_NODES = 'infra/nodes.yaml'", "BAKEHOUSE_MANIFESTS = 'infra/puppet'"]],
    ['jobs/seed.jenkinsfile', ["BAKEHOUSE_NODES = 'infra/nodes.yaml'"]],
    ['jobs/deploy.jenkinsfile', ["BAKEHOUSE_NODES = 'infra/nodes.yaml'"]],
    ['jobs/promote.jenkinsfile', ["BAKEHOUSE_NODES = 'infra/nodes.yaml'"]],
    ['templates/Vagrantfile', ["['BAKEHOUSE_NODES'] || 'infra/nodes.yaml'", "['BAKEHOUSE_MANIFESTS'] || 'infra/puppet'"]],
  ])('in %s is all that has a default of the package there', async (path, lines) => {
    const values = { BAKEHOUSE_NODES: 'infra/nodes.yaml', BAKEHOUSE_MANIFESTS: 'infra/puppet', BAKEHOUSE_BRANCH: 'release/1.x' };
    const { text } = fitted(await fileOf(path), values);
    for (const line of lines) expect(text).toContain(line);
    expect(text).not.toMatch(/BAKEHOUSE_\w+('\] \|\|| =) '(main|nodes\.yaml|templates\/environment)'/);
  }); // prettier-ignore
});
