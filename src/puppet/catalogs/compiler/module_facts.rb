# frozen_string_literal: true

module Bakehouse
  # Facts that the environment's own modules bring. Those that stand in files are known; code in Ruby and programs would
  # answer for this computer, and are never run.
  module ModuleFacts
    # What adds a fact by a name that can be read: `Facter.add(:name)`, `Facter.add('name', …)`.
    NAMED = /\bFacter\.add\s*\(?\s*(?::["']?|["'])(\w+)/.freeze

    # The order's facts with those of files in facts.d, which win over all but what is given for the node, as external
    # facts do; and with those that are the same everywhere, where a module brings them.
    def self.of(environment, order)
      offered = order.fetch('moduleFacts', {}).select { |name, _| ruby_files(environment).any? { |path, _| File.basename(path, '.rb') == name } }
      given = order.fetch('given', [])
      offered.merge(order['facts'], static(environment).reject { |name, _| given.include?(name) })
    end

    # Puppet's words where a value is not there.
    ABSENT = /\bundef|\bnil\b|unknown variable/i.freeze

    # The facts that modules bring and that the node does not have, as far as a problem may come of it: those that the
    # file at fault names; else, where a value is not there, all. Each with its file: `{fact: x, file: m/lib/facter/x.rb}`.
    def self.behind(problem, folder, environment, facts)
      lacking = unknown(environment, facts)
      path = File.expand_path(problem['file'].to_s, folder)
      source = File.file?(path) ? File.read(path, encoding: 'UTF-8').scrub : ''
      named = lacking.select { |one| source =~ /\b#{Regexp.escape(one['fact'])}\b/ }
      return named unless named.empty?

      problem['message'] =~ ABSENT ? lacking : []
    end

    def self.unknown(environment, facts)
      ruby = ruby_files(environment).flat_map do |path, file|
        names = File.read(path, encoding: 'UTF-8').scrub.scan(NAMED).flatten.map(&:downcase).uniq
        names = [File.basename(path, '.rb')] if names.empty?
        names.map { |name| { 'fact' => name, 'file' => file } }
      end
      programs = facts_files(environment).reject { |path, _| static?(path) }.map { |path, file| { 'fact' => File.basename(path, '.*'), 'file' => file } }
      (ruby + programs).reject { |one| facts.key?(one['fact']) }
    end

    class << self
      private

      def ruby_files(environment)
        files(environment, 'lib/facter', '*.rb')
      end

      def facts_files(environment)
        files(environment, 'facts.d', '*')
      end

      # Pairs of a path and what a person calls the file. Facter looks into no folder below.
      def files(environment, folder, pattern)
        environment.modules.sort_by(&:name).flat_map do |one|
          Dir.glob(File.join(folder, pattern), base: one.path).sort.map { |inside| [File.join(one.path, inside), "#{one.name}/#{inside}"] }
        end.select { |path, _| File.file?(path) }
      end

      def static?(path)
        %w[.yaml .json .txt].include?(File.extname(path).downcase)
      end

      # By Facter's own reading. A file that it cannot read brings no facts to the machine either.
      def static(environment)
        facts_files(environment).select { |path, _| static?(path) }.each_with_object({}) do |(path, _), facts|
          require 'facter'
          found = LegacyFacter::Util::Parser.parser_for(path).results
          found.each { |name, value| facts[name.to_s.downcase] = value } if found.is_a?(Hash)
        end
      end
    end
  end
end
