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
      for (const path of ['Jenkinsfile', 'templates/Vagrantfile']) {
        const file = await fileOf(path);
        expect(fitted(file, { nodes: name, manifests: name, branch: name })).toEqual(file);
      }
    },
  );

  test('is the branch, nodes.yaml and the folder, where the package has its defaults', async () => {
    const place = { nodes: 'infra/nodes.yaml', manifests: 'infra/puppet', branch: 'release/1.x' };
    const { text } = fitted(await fileOf('Jenkinsfile'), place);
    expect(text).toContain("BAKEHOUSE_BRANCH = 'release/1.x'");
    expect(text).toContain("BAKEHOUSE_NODES = 'infra/nodes.yaml'");
    expect(text).toContain("BAKEHOUSE_MANIFESTS = 'infra/puppet'");
    const { text: vagrantfile } = fitted(await fileOf('templates/Vagrantfile'), place);
    expect(vagrantfile).toContain("ENV['BAKEHOUSE_NODES'] || 'infra/nodes.yaml'");
    expect(vagrantfile).toContain("ENV['BAKEHOUSE_MANIFESTS'] || 'infra/puppet'");
  });
});
