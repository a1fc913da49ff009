# Only compiles: one process, one environment, all nodes of a list, nothing else. What plan is compared with.
# bare-loop.rb ENVIRONMENT NODE...
require 'puppet'

folder, *names = ARGV
Puppet.initialize_settings(['--vardir', '/nonexistent', '--confdir', '/nonexistent'])
environment = Puppet::Node::Environment.create(:production, [File.join(folder, 'modules')], File.join(folder, 'manifests'))
# Hiera finds an environment's own configuration by its folder.
loader = Puppet::Environments::Static.new(environment)
loader.define_singleton_method(:get_conf) { |_| Puppet::Settings::EnvironmentConf.load_from(folder, []) }

started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
resources = 0
Puppet.override(environments: loader, current_environment: environment) do
  names.each do |name|
    node = Puppet::Node.new("#{name}.bake", facts: Puppet::Node::Facts.new("#{name}.bake", 'bakehouse_node' => name), environment: environment)
    node.merge('bakehouse_node' => name)
    node.trusted_data = { 'certname' => "#{name}.bake" }
    resources += Puppet::Parser::Compiler.compile(node).to_resource.resources.size
  end
end
puts({ 'seconds' => Process.clock_gettime(Process::CLOCK_MONOTONIC) - started, 'resources' => resources }.to_json)
