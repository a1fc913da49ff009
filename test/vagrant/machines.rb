# What templates/Vagrantfile makes of each nodes.yaml: standard input has a list of them and their neighbours as JSON, each a
# mapping of names to texts; standard output has a list of {machines: …} or {problem: …}. Stands in for the part of Vagrant that the file uses, since to start Vagrant takes a second.
require 'json'
require 'tmpdir'

module Vagrant
  module Errors
    class VagrantError < StandardError
      def initialize(*)
        super(error_message)
      end
    end
  end

  class << self
    attr_reader :machines

    def configure(_version)
      @machines = {}
      yield Settings.new
    end
  end

  # Keeps what it is told: `x.y = 1`, `x.provision('a', …)`, and a name alone is what lies below it.
  class Settings
    attr_reader :kept

    def initialize
      @kept = {}
    end

    def define(name, **options)
      yield Vagrant.machines[name] = Settings.new
      Vagrant.machines[name].kept['define'] = options
    end

    def provider(name)
      yield @kept["provider #{name}"] = Settings.new
    end

    def before(action)
      @kept['before'] = action
    end

    def method_missing(name, *args)
      return @kept[name.to_s.delete_suffix('=')] = args[0] if name.end_with?('=')
      return @kept[name.to_s] ||= Settings.new if args.empty?

      (@kept[name.to_s] ||= []).push(args)
    end

    def respond_to_missing?(*)
      true
    end

    def to_json(*args)
      @kept.to_json(*args)
    end
  end
end

Dir.mktmpdir do |folder|
  ENV['BAKEHOUSE_NODES'] = File.join(folder, 'nodes.yaml')
  answers = JSON.parse($stdin.read).map do |files|
    files.each { |name, text| File.write(File.join(folder, name), text) }
    load ARGV[0]
    { machines: Vagrant.machines }
  rescue Vagrant::Errors::VagrantError => e
    { problem: e.message.delete_prefix("#{folder}/") }
  end
  puts JSON.generate(answers)
end
