# frozen_string_literal: true

require 'etc'
require 'open3'
require 'pathname'
require 'securerandom'
require 'socket'
require 'date'

module Bakehouse
  # Stands before the methods that ask the computer, in whatever Ruby: Ruby 2 does not see modules that are prepended
  # to Kernel once it is included, so methods are wrapped where they stand.
  module WatchedCalls
    # Kinds with `own` count when the environment's code calls; else Puppet itself does the same for itself.
    def self.wrap(owner, names, own: true, nested: false, &describe)
      names.each do |name|
        next unless owner.method_defined?(name) || owner.private_method_defined?(name)

        original = owner.instance_method(name)
        visibility = owner.private_method_defined?(name) ? :private : :public
        owner.send(:define_method, name) do |*args, &block|
          if Watch.quiet?
            original.bind_call(self, *args, &block)
          else
            kind, what, subject = describe.call(name, args, self)
            if kind
              own ? Watch.note_own(kind, what, subject) : Watch.note(kind, what, Watch.own_frame, subject)
            end
            if nested
              Watch.within { original.bind_call(self, *args, &block) }
            else
              original.bind_call(self, *args, &block)
            end
          end
        end
        owner.send(:ruby2_keywords, name)
        owner.send(visibility, name)
      end
    end

    def self.command(args)
      args.flatten.find { |part| part.is_a?(String) }.to_s.scrub[0, 200]
    end

    def self.install
      commands
      network
      clock
      chance
      machine
      files
      puppet
    end

    def self.commands
      wrap(Puppet::Util::Execution.singleton_class, %i[execute execpipe], own: false, nested: true) do |_, args|
        ['command', "runs #{command(args)}"]
      end
      [Kernel, Kernel.singleton_class].each do |owner|
        wrap(owner, %i[` system spawn exec fork], own: false, nested: true) do |name, args|
          ['command', "runs #{name == :fork ? 'another process' : command(args)}"]
        end
      end
      wrap(Process.singleton_class, %i[spawn fork exec daemon], own: false, nested: true) do |_, args|
        ['command', "runs #{command(args)}"]
      end
      [Kernel, Kernel.singleton_class].each do |owner|
        wrap(owner, %i[syscall]) { |_, args| ['command', "calls the system (syscall #{args[0]})"] }
      end
      wrap(IO.singleton_class, %i[popen], own: false, nested: true) { |_, args| ['command', "runs #{command(args)}"] }
    end

    def self.network
      wrap(TCPSocket, %i[initialize], own: false, nested: true) { |_, args| ['network', "connects to #{args[0]}"] }
      wrap(UNIXSocket, %i[initialize], own: false, nested: true) { |_, args| ['network', "connects to #{args[0]}"] }
      wrap(Socket, %i[connect connect_nonblock], own: false) { ['network', 'opens a connection'] }
      wrap(UDPSocket, %i[connect send], own: false) { ['network', 'sends over the network'] }
      wrap(Socket.singleton_class, %i[getaddrinfo gethostbyname getnameinfo tcp], own: false, nested: true) do |_, args|
        ['network', "looks #{args[0]} up"]
      end
      wrap(Addrinfo.singleton_class, %i[getaddrinfo ip tcp udp], own: false) { |_, args| ['network', "looks #{args[0]} up"] }
      wrap(IPSocket.singleton_class, %i[getaddress], own: false) { |_, args| ['network', "looks #{args[0]} up"] }
    end

    def self.clock
      wrap(Time.singleton_class, %i[now]) { ['time', 'reads the clock'] }
      # `Time.new(2020)` is a time that is written down.
      wrap(Time.singleton_class, %i[new]) { |_, args| args.empty? || args[0].is_a?(Hash) ? ['time', 'reads the clock'] : nil }
      wrap(Date.singleton_class, %i[today]) { ['time', 'reads the clock'] }
      wrap(DateTime.singleton_class, %i[now]) { ['time', 'reads the clock'] }
      wrap(Process.singleton_class, %i[clock_gettime times clock_getres]) { ['time', 'reads the clock'] }
      wrap(Puppet::Pops::Time::Timestamp.singleton_class, %i[now], own: false) { ['time', 'reads the clock'] }
      wrap(Puppet::Pops::Time::Timestamp.singleton_class, %i[utc_offset], own: false) do |_, args|
        args[0].to_s.casecmp?('current') ? ['time', "asks for this computer's time zone"] : nil
      end
    end

    def self.chance
      [Kernel, Kernel.singleton_class, Random.singleton_class].each do |owner|
        wrap(owner, %i[rand srand random_number bytes urandom new_seed seed]) { ['random', 'is random'] }
      end
      wrap(Random.singleton_class, %i[new]) { |_, args| args.empty? ? ['random', 'is random'] : nil }
      wrap(SecureRandom.singleton_class, %i[bytes gen_random random_bytes hex uuid random_number rand alphanumeric],
           nested: true) { ['random', 'is random'] }
      wrap(Array, %i[shuffle shuffle! sample]) do |_, args|
        args.last.is_a?(Hash) && args.last.key?(:random) ? nil : ['random', 'is random']
      end
    end

    def self.machine
      variables
      wrap(Etc.singleton_class, Etc.singleton_methods(false)) { |name| ['local-fact', "asks this computer (Etc.#{name})"] }
      wrap(Socket.singleton_class, %i[gethostname ip_address_list getifaddrs]) do |name|
        ['local-fact', "asks this computer (Socket.#{name})"]
      end
      wrap(Dir.singleton_class, %i[home]) { |name| ['local-fact', "asks this computer (Dir.#{name})"] }
      wrap(Process.singleton_class, %i[pid ppid uid euid gid egid]) { |name| ['local-fact', "asks this computer (Process.#{name})"] }
      facter = %i[value fact [] to_hash to_h resolve list each]
      wrap(Puppet::FacterImpl, facter, nested: true) { |_, args| ['local-fact', "asks Facter on this computer for #{args[0]}"] }
      Puppet.runtime[:facter]
      wrap(Facter.singleton_class, facter, nested: true) { |_, args| ['local-fact', "asks Facter on this computer for #{args[0]}"] }
    end

    def self.variables
      one = %i[[] fetch key? has_key? include? member? assoc dig]
      wrap(ENV.singleton_class, one) do |_, args|
        name = args[0].to_s
        name.match?(Watch::HARMLESS_VARIABLES) ? nil : ['environment-variable', "reads the environment variable #{name}", name]
      end
      all = %i[values_at to_h to_hash each each_pair key keys values slice select filter map find]
      wrap(ENV.singleton_class, all) { |name| ['environment-variable', "reads the environment variables (#{name})"] }
    end

    # These say themselves whether anything is to be noted.
    def self.read(owner, names)
      wrap(owner, names) do |_, args|
        args.each { |path| Watch.read(path) if path.is_a?(String) || path.respond_to?(:to_path) }
        nil
      end
    end

    def self.files
      looks = %i[exist? exists? file? directory? readable? executable? stat lstat size size? zero? empty? mtime ctime atime
                 readlink realpath realdirpath symlink? ftype world_readable? identical?]
      read(File.singleton_class, looks - %i[realpath realdirpath])
      read(FileTest.singleton_class, looks)
      contents = %i[read binread readlines foreach copy_stream]
      wrap(IO.singleton_class, contents) { |_, args| Watch.read(args[0]) }
      wrap(File, %i[initialize]) { |_, args| Watch.read(args[0]) }
      [Kernel, Kernel.singleton_class].each { |owner| wrap(owner, %i[open load]) { |_, args| opened(args[0]) } }
      [Kernel, Kernel.singleton_class].each { |owner| wrap(owner, %i[test]) { |_, args| Watch.read(args[1]) } }
      wrap(IO.singleton_class, %i[sysopen]) { |_, args| Watch.read(args[0]) }
      wrap(File::Stat, %i[initialize]) { |_, args| Watch.read(args[0]) }
      read(Dir.singleton_class, %i[entries children foreach each_child exist? empty? open])
      wrap(Dir.singleton_class, %i[glob []]) do |_, args|
        base = args.last.is_a?(Hash) ? args.last[:base] : nil
        args.flatten.grep(String).each { |glob| globbed(base ? File.join(base, glob) : glob) }
        nil
      end
    end

    def self.opened(path)
      return ['command', "runs #{path[1..-1]}"] if path.is_a?(String) && path.start_with?('|')

      Watch.read(path)
    end

    # A glob's answer is any number of files: the folder above its first wildcard, wholly.
    def self.globbed(glob)
      Watch.read("#{glob[/\A[^*?\[{]*/].sub(%r{[^/]*\z}, '')}*")
    end

    # Where Puppet's language itself looks outside, and where it loads code.
    def self.puppet
      wrap(Puppet::Pops::Evaluator::Collectors::ExportedCollector, %i[initialize], own: false) do |_, args|
        ['exported-resource', "collects exported resources (#{args[1].respond_to?(:name) ? args[1].name : args[1]})"]
      end
      wrap(Puppet::Pops::Types::PSensitiveType::Sensitive, %i[initialize], own: false) do |_, args|
        Watch.secrets << args[0] if args[0].is_a?(String) && args[0].length > 3
        nil
      end
      loaders = [Puppet::Pops::Loader::RubyFunctionInstantiator, Puppet::Pops::Loader::RubyLegacyFunctionInstantiator,
                 Puppet::Pops::Loader::RubyDataTypeInstantiator]
      loaders.each { |loader| loader.singleton_class.prepend(Loading) }
      [Puppet::Pops::Functions::Function, Puppet::Pops::Evaluator::EvaluatorImpl].each { |caller| caller.prepend(Calling) }
      Puppet::Util::Autoload.singleton_class.prepend(AutoLoading)
      Puppet::Parser::TemplateWrapper.prepend(Templates)
      lookups
    end

    # Without PuppetDB's own functions there is no answer but none; the finding says that it can not be known.
    def self.lookups
      Puppet::Parser::Functions.newfunction(:puppetdb_query, type: :rvalue, arity: -2) do |args|
        Watch.note('puppetdb', "asks PuppetDB: #{args[0]}")
        []
      end
    end

    # Loads a function or a data type in Ruby.
    module Loading
      def create(loader, name, source, *rest)
        OwnProcess.need if Watch.own?(source)
        Watch.in_function(name.name) { super }
      end
    end

    # Calls a function, also one of Puppet's own.
    module Calling
      def call_function(name, *args, &block)
        Watch.in_function(name) { super }
      end
    end

    # Evaluates a template in Ruby.
    module Templates
      def result(*)
        OwnProcess.need
        super
      end
    end

    # What Puppet finds by its name. Types, providers and the like are at work on the machine only: what they ask when they
    # are loaded decides no catalog.
    module AutoLoading
      def load_file(name, env)
        OwnProcess.need if Watch.own?(get_file(name.to_s, env))
        name.to_s.start_with?('puppet/parser/functions') ? super : Watch.within { super }
      end
    end
  end
end
