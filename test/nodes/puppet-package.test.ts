import { describe, expect, test } from '@jest/globals';
import { fc, runs } from '../runs.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

/** An armored key of one packet of this tag (RFC 9580, 4.2), in the form that gpg prints. */
const armored = (tag: number, kind = 'PUBLIC') => {
  const packet = Buffer.from([0x80 | (tag << 2), 4, 4, 1, 2, 3]).toString('base64');
  return `-----BEGIN PGP ${kind} KEY BLOCK-----\nComment: of a test\n\n${packet}\n=abcd\n-----END PGP ${kind} KEY BLOCK-----\n`;
};
const publicKey = armored(6);
const puppetOf = (puppet: string, defaults = '{}') => {
  const { nodes, problems } = parseNodes(
    `defaults:\n  puppet: ${defaults}\nnodes:\n  a:\n    group: g\n    puppet: ${puppet}\n`,
    'n.yaml',
  );
  return problems.length > 0 ? problems : nodes[0]?.puppet;
};
const source = (keys: object) =>
  JSON.stringify({ apt_source: { uri: 'https://apt.example.com', suite: 'trixie', ...keys } });

describe('the Puppet that a node asks for', () => {
  test.each<[string, string, object | undefined]>([
    ['{package: openvox-agent}', '{}', { package: 'openvox-agent', askedAt: 'n.yaml:6:23' }],
    ['{version: 8}', '{}', { version: '8', askedAt: 'n.yaml:6:23' }],
    ['{version: 8.10}', '{}', { version: '8.10', askedAt: 'n.yaml:6:23' }],
    ['{version: 1:9.0.0~rc1-1+b2}', '{}', { version: '1:9.0.0~rc1-1+b2', askedAt: 'n.yaml:6:23' }],
    ['{version: 8}', '{package: x1, version: 7}', { package: 'x1', version: '8', askedAt: 'n.yaml:6:23' }],
    ['{}', '{package: x1, version: 7}', { package: 'x1', version: '7', askedAt: 'n.yaml:2:21' }],
    ['{version: null}', '{package: x1, version: 7}', { package: 'x1', askedAt: 'n.yaml:2:21' }],
    ['{package: null}', '{package: x1}', undefined],
    ['{}', '{}', undefined],
  ])('is %s over the defaults %s', (own, defaults, puppet) => {
    expect(puppetOf(own, defaults)).toEqual(puppet);
  });

  test.each<[object, object]>([
    [{}, { line: 'https://apt.example.com trixie main' }],
    [{ components: 'openvox8' }, { line: 'https://apt.example.com trixie openvox8' }],
    [{ components: ['a', 8] }, { line: 'https://apt.example.com trixie a 8' }],
    [{ suite: './' }, { line: 'https://apt.example.com ./' }],
    [{ suite: 'trixie/updates', uri: 'http://10.0.0.1:8080/a/~b/' }, { line: 'http://10.0.0.1:8080/a/~b/ trixie/updates main' }],
    [{ key: publicKey }, { line: 'https://apt.example.com trixie main', key: 'mAQEAQID' }],
    [{ key: publicKey.replaceAll('\n', '\r\n') }, { line: 'https://apt.example.com trixie main', key: 'mAQEAQID' }],
  ])('may come from a repository %j', (keys, expected) => {
    expect(puppetOf(source(keys))).toMatchObject({ source: expected });
  }); // prettier-ignore

  test.each<[string, string, string, string]>([
    ['a package that apt would remove', '{package: puppet-}', 'puppet-', '`puppet.package` is not the name of a'],
    ['a package that is an option', '{package: --purge}', '--purge', '`puppet.package` is not the name of a'],
    ['a pattern', '{package: "openvox*"}', '"openvox*', '`puppet.package` is not the name of a'],
    ['a release', '{package: x/sid}', 'x/sid', '`puppet.package` is not the name of a'],
    ['two versions', '{version: "1 2"}', '"1 2"', '`puppet.version` is not a version'],
    ['no version', '{version: latest}', 'latest', '`puppet.version` is not a version'],
    ['an unknown key', '{version: 8, pakage: x}', 'pakage', '`puppet.pakage` is none of package, version,'],
    ['no mapping', 'openvox-agent', 'openvox', '`puppet` is not a mapping such as {package: openvox-agent}'],
    ['a line of sources.list', '{apt_source: deb http://x y z}', 'deb', '`puppet.apt_source` is not a mapping such as'],
    ['an unknown key of the repository', source({ trusted: true }), '"trusted"', '`puppet.apt_source.trusted` is none of uri, suite,'],
    ['no address', '{apt_source: {suite: sid}}', '{suite', '`puppet.apt_source.uri` is not an address'],
    ['another protocol', source({ uri: 'file:/x' }), '"file', '`puppet.apt_source.uri` is not an address'],
    ['options of apt', source({ uri: '[trusted=yes] http://x' }), '"[', '`puppet.apt_source.uri` is not an address'],
    ['a suite that is two words', source({ suite: 'sid main' }), '"sid', '`puppet.apt_source.suite` is not a suite'],
    ['components of a flat repository', source({ suite: 'a/', components: 'b' }), '"b"', '`puppet.apt_source.components` must not be given'],
    ['no component', source({ components: [] }), '[', '`puppet.apt_source.components` is empty'],
    ['an odd component', source({ components: ['a b'] }), '[', '`puppet.apt_source.components.0` is not a component'],
    ['a private key', source({ key: armored(5, 'PRIVATE') }), '"-----', '`puppet.apt_source.key` is not one public key'],
    ['a private key that says public', source({ key: armored(5) }), '"-----', '`puppet.apt_source.key` is not one public key'],
    ['two keys', source({ key: publicKey + publicKey }), '"-----', '`puppet.apt_source.key` is not one public key'],
    ['the name of a key', source({ key: '/usr/share/x.gpg' }), '"/usr', '`puppet.apt_source.key` is not one public key'],
  ])('is not %s, which is refused at its place', (_, own, wrong, message) => {
    const column = '    puppet: '.length + own.indexOf(wrong) + 1;
    expect(puppetOf(own)).toEqual([{ line: 6, column, message: expect.stringContaining(message) }]);
  }); // prettier-ignore

  test('never shows what an address of a repository holds', () => {
    const said = JSON.stringify(puppetOf(source({ uri: 'https://ann:hunter2@apt.example.com' })));
    expect(said).toContain('without a password');
    expect(said).not.toContain('hunter2');
  });

  test('reaches the machine as one word each, and its repository as one line, whatever nodes.yaml says', () => {
    const odd = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 -+.:~/[]=\'"\\$`;|&<>\n\t{}*%#@')) });
    const like = (example: string) => fc.oneof(fc.constant(example), odd, odd.map((text) => example + text)); // prettier-ignore
    const given = fc.record({
      package: like('openvox-agent'),
      version: like('8.1-1'),
      apt_source: fc.record({ uri: like('https://a.b/c'), suite: like('trixie'), components: like('main') }),
    });
    fc.assert(
      fc.property(given, (asked) => {
        const { nodes } = parseNodes(JSON.stringify({ a: { group: 'g', puppet: asked } }));
        const puppet = nodes[0]?.puppet;
        if (puppet === undefined) return;
        expect(puppet.package).toMatch(/^[a-z0-9][a-z0-9+.-]*[a-z0-9]$/);
        expect(puppet.version).toMatch(/^[\w:.+~-]+$/);
        expect(puppet.source?.line).toMatch(/^https?:\/\/[\w.:/~+-]+( [\w./~+-]+)+$/);
      }),
      runs(2_000),
    );
  });

  test('is read in a moment, also where a name is long and wrong', () => {
    const began = performance.now();
    for (const keys of [{ suite: `${'a/'.repeat(50_000)}!` }, { uri: `https://${'a-'.repeat(50_000)}!` }, { key: `${publicKey}${'A\n'.repeat(50_000)}` }])
      expect(puppetOf(source(keys))).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(5_000);
  }); // prettier-ignore
});
