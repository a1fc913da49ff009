import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Compilation, Finding } from '../../../src/puppet/catalogs/compilation.ts';
import { compiled, compileNodes, environmentFolder, removeFolders } from './environment-folder.ts';

/** A Ruby function of the module, by its name. */
function rubyFunction(name: string, body: string): [string, string] {
  return [
    `modules/m/lib/puppet/functions/m/${name}.rb`,
    `Puppet::Functions.create_function(:'m::${name}') do\n  def ${name}\n    ${body}\n  end\nend\n`,
  ];
}

/** What manifests and functions do that a checkout does not decide, with what is found, and with a pure counterpart. */
const impure: Record<
  string,
  { code: string; found: Partial<Finding>; ruby?: string; pure: string; pureRuby?: string }
> = {
  generate: {
    code: "notify { generate('/bin/echo', 'x'): }",
    found: { kind: 'command', what: 'runs /bin/echo', file: 'manifests/site.pp' },
    pure: "notify { shellquote('/bin/echo', 'x'): }",
  },
  backticks: {
    code: 'notify { m::backticks(): }',
    ruby: '`echo x`',
    found: {
      kind: 'command',
      what: 'runs echo x',
      file: 'modules/m/lib/puppet/functions/m/backticks.rb',
      line: 3,
    },
    pure: 'notify { m::backticks_pure(): }',
    pureRuby: '"echo x"',
  },
  popen: {
    code: 'notify { m::popen(): }',
    ruby: "Open3.capture2('echo', 'x').first",
    found: { kind: 'command', what: 'runs echo' },
    pure: 'notify { m::popen_pure(): }',
    pureRuby: "require 'open3'; 'x'",
  },
  network: {
    code: 'notify { m::network(): }',
    ruby: "require 'net/http'; (Net::HTTP.get(URI('http://127.0.0.1:1/')) rescue 'none').to_s",
    found: { kind: 'network', file: 'modules/m/lib/puppet/functions/m/network.rb' },
    pure: 'notify { m::network_pure(): }',
    pureRuby: "require 'net/http'; URI('http://127.0.0.1:1/').host",
  },
  ruby_clock: {
    code: 'notify { m::ruby_clock(): }',
    ruby: 'Time.now.year.to_s',
    found: { kind: 'time', file: 'modules/m/lib/puppet/functions/m/ruby_clock.rb', line: 3 },
    pure: 'notify { m::ruby_clock_pure(): }',
    pureRuby: 'Time.at(0).utc.year.to_s + Time.new(2020, 1, 1).year.to_s',
  },
  parsed_clock: {
    code: 'notify { m::parsed_clock(): }',
    ruby: "require 'time'; Time.parse('12:00').year.to_s",
    found: { kind: 'time', file: 'modules/m/lib/puppet/functions/m/parsed_clock.rb' },
    pure: 'notify { m::parsed_clock_pure(): }',
    pureRuby: "require 'date'; Date.new(2020, 1, 1).to_s",
  },
  remembered_clock: {
    code: 'notify { m::remembered_clock(): }',
    ruby: '@@year ||= Time.now.year.to_s',
    found: { kind: 'time', file: 'modules/m/lib/puppet/functions/m/remembered_clock.rb', line: 3 },
    pure: 'notify { m::remembered_clock_pure(): }',
    pureRuby: '@@text ||= 1.to_s',
  },
  today: {
    code: 'notify { m::today(): }',
    ruby: 'Date.today.to_s',
    found: { kind: 'time' },
    pure: 'notify { m::today_pure(): }',
    pureRuby: '[1, 2].first.to_s',
  },
  timestamp: {
    code: "notify { 'x': message => Timestamp().strftime('%Y') }",
    found: { kind: 'time', file: 'manifests/site.pp' },
    pure: "notify { 'x': message => Timestamp('2020-01-01').strftime('%Y') }",
  },
  old_strftime: {
    code: "notify { 'x': message => strftime('%s') }",
    found: { kind: 'time', what: 'reads the clock', file: 'manifests/site.pp', functions: ['strftime'] },
    pure: "notify { 'x': message => strftime(Timestamp('2020-01-01'), '%s') }",
  },
  new_timestamp: {
    code: "notify { 'x': message => String(Timestamp.new) }",
    found: { kind: 'time', file: 'manifests/site.pp' },
    pure: "notify { 'x': message => String(Timespan(7)) }",
  },
  time_zone: {
    code: "notify { 'x': message => Timestamp('2020-01-01').strftime('%F %T', 'current') }",
    found: { kind: 'time', what: "asks for this computer's time zone" },
    pure: "notify { 'x': message => Timestamp('2020-01-01').strftime('%F %T', '+02:00') }",
  },
  system_call: {
    code: 'notify { m::system_call(): }',
    ruby: 'syscall(39).class.to_s',
    found: { kind: 'command', what: 'calls the system (syscall 39)' },
    pure: 'notify { m::system_call_pure(): }',
    pureRuby: '39.class.to_s',
  },
  tested: {
    code: 'notify { m::tested(): }',
    ruby: "[test('e', '/etc/hostname'), File::Stat.new('/etc/passwd').file?].to_s",
    found: { kind: 'outside-file', what: 'reads /etc/passwd', subject: '/etc/passwd' },
    pure: 'notify { m::tested_pure(): }',
    pureRuby: "[test('e', __FILE__), File::Stat.new(__FILE__).file?].to_s",
  },
  seed: {
    code: 'notify { m::seed(): }',
    ruby: 'Random.seed.class.to_s',
    found: { kind: 'random' },
    pure: 'notify { m::seed_pure(): }',
    pureRuby: 'Random.new(3).seed.to_s',
  },
  library: {
    code: 'notify { m::library(): }',
    ruby: "require 'shellwords'; require 'm_clock'; M_CLOCK.to_s",
    found: { kind: 'time', file: 'modules/m/lib/m_clock.rb', line: 1, functions: ['m::library'] },
    pure: 'notify { m::library_pure(): }',
    pureRuby: "require 'shellwords'; require 'psych'; require 'puppet_x/m/u'; PuppetX::M.join(['a b'])",
  },
  muted: {
    code: 'notify { m::muted(): }',
    ruby: "ENV['NO_SUCH'].to_s + 'x'",
    found: { kind: 'environment-variable', subject: 'NO_SUCH' },
    pure: 'notify { m::muted_pure(): }',
    pureRuby: "[ENV['STDLIB_LOG_DEPRECATIONS'], ENV['LC_ALL'], ENV['GEM_HOME']].to_s",
  },
  type_at_load: {
    code: "keeper { 'x': } notify { m::kept(): }",
    found: { kind: 'time', file: 'modules/m/lib/puppet/functions/m/kept.rb', line: 1 },
    pure: "keeper { 'x': }",
  },
  inline_clock: {
    code: "notify { 'x': message => inline_template('<%= Time.now.year %>') }",
    found: { kind: 'time', file: 'manifests/site.pp' },
    pure: "notify { 'x': message => inline_template('<%= 1 + 1 %>') }",
  },
  template_clock: {
    code: "notify { 'x': message => template('m/clock.erb') }",
    found: { kind: 'time', file: 'modules/m/templates/clock.erb', line: 2 },
    pure: "notify { 'x': message => template('m/pure.erb') }",
  },
  random: {
    code: 'notify { m::random(): }',
    ruby: 'rand(9).to_s',
    found: { kind: 'random' },
    pure: "notify { 'x': message => fqdn_rand(99999) }",
  },
  shuffled: {
    code: 'notify { m::shuffled(): }',
    ruby: '[1, 2].shuffle.join',
    found: { kind: 'random' },
    pure: 'notify { m::shuffled_pure(): }',
    pureRuby: '[1, 2].shuffle(random: Random.new(7)).join',
  },
  secure: {
    code: 'notify { m::secure(): }',
    ruby: 'SecureRandom.hex(4)',
    found: { kind: 'random', file: 'modules/m/lib/puppet/functions/m/secure.rb' },
    pure: "notify { 'x': message => sha256('x') }",
  },
  variable: {
    code: 'notify { m::variable(): }',
    ruby: "ENV['PATH'].to_s",
    found: { kind: 'environment-variable', what: 'reads the environment variable PATH' },
    pure: 'notify { m::variable_pure(): }',
    pureRuby: "'PATH'",
  },
  facter: {
    code: 'notify { m::facter(): }',
    ruby: "Facter.value('kernel').to_s",
    found: { kind: 'local-fact', what: 'asks Facter on this computer for kernel' },
    pure: "notify { 'x': message => $facts['os']['family'] }",
  },
  hostname: {
    code: 'notify { m::hostname(): }',
    ruby: 'Socket.gethostname',
    found: { kind: 'local-fact' },
    pure: "notify { 'x': message => $facts['networking']['hostname'] }",
  },
  outside: {
    code: "notify { 'x': message => file('/etc/hostname') }",
    found: { kind: 'outside-file', what: 'reads /etc/hostname', file: 'manifests/site.pp' },
    pure: "notify { 'x': message => file('m/a.txt') }",
  },
  missing: {
    code: "notify { 'x': message => String(find_file('/etc/no/such')) }",
    found: { kind: 'outside-file', what: 'reads /etc/no/such' },
    pure: "notify { 'x': message => find_file('m/a.txt') }",
  },
  outside_template: {
    code: "notify { 'x': message => template('/etc/hostname') }",
    found: { kind: 'outside-file', what: 'reads /etc/hostname' },
    pure: "notify { 'x': message => epp('m/pure.epp') }",
  },
  outside_epp: {
    code: "notify { 'x': message => epp('/etc/debian_version') }",
    found: { kind: 'outside-file', what: 'reads /etc/debian_version' },
    pure: "notify { 'x': message => inline_epp('<%= 1 %>') }",
  },
  yaml: {
    code: 'notify { m::yaml(): }',
    ruby: "YAML.load_file('/etc/puppet/hiera.yaml').to_s rescue 'none'",
    found: { kind: 'outside-file', what: 'reads /etc/puppet/hiera.yaml' },
    pure: 'notify { m::yaml_pure(): }',
    pureRuby: "File.read(File.join(__dir__, 'yaml_pure.rb')).lines.size.to_s",
  },
  listed: {
    code: 'notify { m::listed(): }',
    ruby: "Dir.glob('/etc/*.conf').size.to_s",
    found: { kind: 'outside-file', what: 'reads /etc/*' },
    pure: 'notify { m::listed_pure(): }',
    pureRuby: "Dir.glob(File.join(__dir__, '*.rb')).size.to_s",
  },
  puppetdb: {
    code: "notify { 'x': message => String(puppetdb_query('nodes {}')) }",
    found: { kind: 'puppetdb', what: 'asks PuppetDB: nodes {}', file: 'manifests/site.pp' },
    pure: "notify { 'x': message => 'nodes {}' }",
  },
  exported: {
    code: "@@notify { 'for all': }",
    found: { kind: 'exported-resource', what: 'exports Notify[for all]', file: 'manifests/site.pp' },
    pure: "@notify { 'for me': } notify { 'x': }",
  },
  collected: {
    code: "Notify <<| |>> notify { 'x': }",
    found: { kind: 'exported-resource' },
    pure: "@notify { 'x': } Notify <| |>",
  },
  deferred: {
    code: "notify { 'x': message => Deferred('sprintf', ['x']) }",
    found: { kind: 'deferred', what: 'Notify[x] has a value that the machine computes (sprintf)' },
    pure: "notify { 'x': message => sprintf('x') }",
  },
};

const names = Object.keys(impure);
let compilations: Map<string, Compilation>;

beforeAll(async () => {
  const blocks = Object.entries(impure).flatMap(([name, { code, pure }]) => [
    `'${name}': { ${code} }`,
    `'${name}_pure': { ${pure} }`,
  ]);
  const functions = Object.entries(impure).flatMap(([name, { ruby, pureRuby }]) => [
    ...(ruby === undefined ? [] : [rubyFunction(name, ruby)]),
    ...(pureRuby === undefined ? [] : [rubyFunction(`${name}_pure`, pureRuby)]),
  ]);
  const folder = environmentFolder({
    ...Object.fromEntries(functions),
    'modules/m/lib/m_clock.rb': 'M_CLOCK = Time.now.year\n',
    'modules/m/lib/puppet_x/m/u.rb':
      "require 'shellwords'\nmodule PuppetX; module M; def self.join(list); Shellwords.join(list); end; end; end\n",
    'modules/m/lib/puppet/functions/m/kept.rb':
      "year = Time.now.year.to_s\nPuppet::Functions.create_function(:'m::kept') do\n  define_method(:kept) { year }\nend\n",
    'modules/m/lib/puppet/type/keeper.rb':
      "ENV['PATH']\nFacter.value(:kernel)\nPuppet::Type.newtype(:keeper) do\n  newparam(:name, namevar: true)\nend\n",
    'modules/m/lib/puppet/provider/keeper/one.rb':
      "`echo x`\nFile.exist?('/etc/hostname')\nPuppet::Type.type(:keeper).provide(:one) { confine kernel: Facter.value(:kernel) }\n",
    'manifests/site.pp': `case $facts['role'] {\n  ${blocks.join('\n  ')}\n}\n`,
    'modules/m/files/a.txt': 'a',
    'modules/m/templates/clock.erb': 'a\n<%= Time.now.year %>\n',
    'modules/m/templates/pure.erb': '<%= 1 + 1 %>',
    'modules/m/templates/pure.epp': '<%= 1 + 1 %>',
  });
  // A second time, with the same process: what is loaded and parsed once must be found again.
  const twice = [...names, ...names.map((name) => `${name}_pure`), ...names.map((name) => `${name} `)];
  compilations = await compileNodes(
    folder,
    twice.map((name) => name.trimEnd()),
  );
});

afterAll(removeFolders);

test.each(names)('%s is found, with its place', (name) => {
  const { findings } = compiled(compilations.get(name));
  expect(findings).toEqual(expect.arrayContaining([expect.objectContaining(impure[name]?.found ?? {})]));
});

test.each(names)('the pure counterpart of %s has no findings', (name) => {
  expect(compiled(compilations.get(`${name}_pure`)).findings).toEqual([]);
});
