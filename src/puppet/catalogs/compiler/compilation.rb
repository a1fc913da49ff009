# frozen_string_literal: true

module Bakehouse
  # Compiles catalogs of an environment that is parsed once.
  class Compilation
    # Collects what Puppet logs.
    class Logs
      attr_reader :messages

      def initialize
        @messages = []
      end
    end

    def initialize(options)
      @folder = File.expand_path(options['manifests'])
      raise BadEnvironment, "There is no folder #{options['manifests']}: name the Puppet environment's." unless File.directory?(@folder)

      @key = options['sensitiveKey'].to_s.unpack1('m0')
      @places = Places.new(@folder)
      Bakehouse.set_up_puppet
      collect_logs
      @environments = OneFolder.new(@folder)
      Puppet.push_context_global({ environments: @environments }, 'Bakehouse')
      environment = @environments.get(options['environment'])
      load_path(environment)
      watch(environment)
    end

    def describe
      environment = @environments.list.first
      files = Plugins.of(environment)
      all = Digest::SHA256.hexdigest(files.sort.map { |name, hash| "#{name}\0#{hash}\n" }.join)
      { 'description' => { 'puppetVersion' => Puppet.version, 'modulepath' => environment.modulepath,
                           'plugins' => all, 'pluginFiles' => files } }
    end

    def compile(order)
      @logs.messages.clear
      Puppet.clear_deprecation_warnings
      $unique_warnings&.clear
      environment = @environments.get(order['environment'])
      order = order.merge('facts' => ModuleFacts.of(environment, order))
      answer = Watch.during { compiled(order) }
      redact(answer.merge('node' => order['node']))
    rescue BadEnvironment
      raise
    rescue StandardError, ScriptError, SystemStackError, NoMemoryError, SystemExit, SecurityError => e
      problem = @places.problem(e)
      lacking = environment ? ModuleFacts.behind(problem, @folder, environment, order['facts']) : []
      problem['unknownFacts'] = lacking unless lacking.empty?
      redact('node' => order['node'], 'problem' => problem)
    ensure
      DataReads.current = nil
    end

    # The names of what was parsed so far.
    def parsed
      types = @environments.list.flat_map { |one| %i[hostclasses definitions].map { |kind| one.known_resource_types.send(kind).keys } }
      { 'classes' => types.each_slice(2).flat_map(&:first), 'defines' => types.each_slice(2).flat_map(&:last) }
    end

    # Parses what others have parsed; whatever is wrong with it, the compilations say themselves.
    def parse(names)
      @environments.list.each do |environment|
        Puppet.override(current_environment: environment, loaders: Puppet::Pops::Loaders.new(environment)) do
          types = environment.known_resource_types
          names['classes'].each { |name| quietly { types.find_hostclass(name) } }
          names['defines'].each { |name| quietly { types.find_definition(name) } }
        end
      end
    end

    private

    def quietly
      yield
    rescue StandardError, ScriptError
      nil
    end

    # As Puppet's command line does (util/command_line.rb): modules require their own libraries.
    def load_path(environment)
      environment.each_plugin_directory { |folder| $LOAD_PATH << folder unless $LOAD_PATH.include?(folder) }
    end

    # All modules' real folders: they may be links to somewhere else.
    def watch(environment)
      Watch.watch_folders([@folder, *environment.modulepath, *environment.modules.map(&:path)].uniq)
      WatchedCalls.install
      DataReads.install
    end

    def collect_logs
      @logs = Logs.new
      Puppet::Util::Log.close_all
      Puppet::Util::Log.newdesttype :bakehouse do
        match 'Bakehouse::Compilation::Logs'
        define_method(:initialize) { |logs| @logs = logs }
        define_method(:handle) { |message| @logs.messages << message }
      end
      Puppet::Util::Log.newdestination(@logs)
      Puppet::Util::Log.level = :warning
    end

    def compiled(order)
      environment = @environments.get(order['environment'])
      environment.check_for_reparse
      reads = DataReads.current = DataReads.new(@folder, environment)
      catalog = Puppet::Parser::Compiler.new(node_of(order, environment)).compile { |made| made }
      Puppet::Type.clear_misses
      data, deferred = Puppet.override(current_environment: environment) do
        CatalogData.new(@folder, environment.name, @key).of(catalog, @places)
      end
      { 'catalog' => data, 'findings' => findings(data, deferred), 'data' => reads.answer(Watch.reads.keys),
        'warnings' => warnings }
    end

    def node_of(order, environment)
      name = order['certname']
      Puppet[:certname] = name unless Puppet[:certname] == name
      values = { 'clientversion' => Puppet.version, 'clientnoop' => false, 'implementation' => implementation }.compact
      values = values.merge(order['facts'], 'clientcert' => name)
      node = Puppet::Node.new(name, environment: environment)
      node.fact_merge(Puppet::Node::Facts.new(name, values))
      node.add_server_facts(server_facts(order))
      node.trusted_data = Puppet::Context::TrustedInformation.new(order['authenticated'], name, {}, {}).to_h
      node
    end

    # With `puppet apply` the machine is its own server. Of another one name and address are not known here, but every
    # server has them: from Puppet 8 on a variable that is not there is an error.
    def server_facts(order)
      networking = order['facts']['networking']
      own = order['authenticated'] == 'local' && networking.is_a?(Hash) ? networking : {}
      { 'serverversion' => Puppet.version, 'servername' => own['fqdn'], 'serverip' => own['ip'] }
        .merge({ 'serverip6' => own['ip6'], 'serverimplementation' => implementation }.compact)
    end

    # OpenVox says that it is one; Puppet says nothing.
    def implementation
      Puppet.implementation if Puppet.respond_to?(:implementation)
    end

    def findings(data, deferred)
      found = Watch.found.map do |one|
        { 'kind' => one.kind, 'what' => one.what, 'subject' => one.subject, 'functions' => one.functions }
          .compact.merge(@places.place(one.file, one.line))
      end
      data['resources'].select { |one| one['exported'] }.each do |one|
        found << { 'kind' => 'exported-resource', 'what' => "exports #{one['type']}[#{one['title']}]" }.merge(one.slice('file', 'line'))
      end
      deferred.each do |resource, function|
        found << { 'kind' => 'deferred', 'what' => "#{resource.ref} has a value that the machine computes (#{function})" }
                 .merge(@places.place(resource.file, resource.line))
      end
      found.uniq
    end

    def warnings
      @logs.messages.map { |log| @places.log_line(log) }.uniq
    end

    # No secret that Puppet was told of gets into what people read.
    def redact(answer)
      secrets = Watch.secrets.uniq.sort_by { |secret| -secret.length }
      return answer if secrets.empty?

      hide = ->(text) { secrets.reduce(text) { |left, secret| left.gsub(secret, '[secret]') } }
      answer['problem']['message'] = hide.call(answer['problem']['message']) if answer['problem']
      answer['warnings']&.map!(&hide)
      answer['findings']&.each { |one| one['what'] = hide.call(one['what']) }
      answer
    end
  end
end
