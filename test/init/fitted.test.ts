import { describe, expect, test } from '@jest/globals';
import { fitted } from '../../src/init/decide-files.ts';
import { readTeamPackage } from '../../src/init/team-files.ts';

describe('what is fitted to a repository', () => {
  const jenkinsfile = async () => {
    const file = (await readTeamPackage()).files.find(({ path }) => path === 'Jenkinsfile');
    if (file === undefined) throw new Error('the package has a Jenkinsfile');
    return file;
  };

  test.each(["a'b", 'a\\b', 'a\nb', "'; sh 'x", '$x', 'a b', '-x'])(
    'the name %j never reaches Groovy',
    async (name) => {
      const file = await jenkinsfile();
      expect(fitted(file, name, name)).toEqual(file);
    },
  );

  test('is the branch and the folder, where the package has its defaults', async () => {
    const { text } = fitted(await jenkinsfile(), 'infra/puppet', 'release/1.x');
    expect(text).toContain("BAKEHOUSE_BRANCH = 'release/1.x'");
    expect(text).toContain("name: 'MANIFESTS_DIR', defaultValue: 'infra/puppet'");
  });
});
