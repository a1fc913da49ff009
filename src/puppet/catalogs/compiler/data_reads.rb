# frozen_string_literal: true

module Bakehouse
  # Which Hiera data a compilation asked for. A folder of data is named only where each read below it was seen.
  class DataReads
    # They read the file that they are told to, no other.
    PLAIN = %w[yaml_data json_data hocon_data eyaml_lookup_key].freeze
    # What lies there is code, or is read in ways that are not Hiera's.
    CODE = %w[manifests lib functions types plans tasks files templates facts.d scripts locales].freeze

    class << self
      attr_accessor :current
    end

    attr_reader :asked

    def initialize(folder, environment)
      @folder = folder
      @environment = environment
      @folders = {}
      @asked = {}
      @seen = true
    end

    def ask(datadir, paths)
      folder = File.expand_path(datadir.to_s)
      @folders[folder] = @folders.fetch(folder, true)
      paths.each { |path| @asked[path] = true }
    end

    # Any file there may be one.
    def ask_for_all(datadir)
      @folders[File.expand_path(datadir.to_s)] = false
    end

    # Somebody's own function may read what it wants, by ways that can not be seen.
    def ask_blindly
      @seen = false
    end

    # `reads`: all files that were asked for by other ways, absolute.
    def answer(reads)
      return { 'folders' => [], 'paths' => [] } unless @seen

      folders = @folders.select { |path, seen| seen && data?(path) }.keys
      folders.reject! { |path| @folders.any? { |other, seen| !seen && (within?(other, path) || within?(path, other)) } }
      # A listing can not be told as a list of paths.
      folders.reject! { |path| reads.any? { |read| read == path || (read.end_with?('/*') && overlap?(path, read.chomp('/*'))) } }
      paths = (@asked.keys + reads).select { |path| folders.any? { |folder| within?(path, folder) } }
      { 'folders' => folders.map { |path| "#{relative(path)}/" }.sort, 'paths' => paths.map { |path| relative(path) }.uniq.sort }
    end

    private

    def overlap?(one, other)
      one == other || within?(one, other) || within?(other, one)
    end

    def within?(path, folder)
      path == folder || path.start_with?("#{folder}/")
    end

    def relative(path)
      path[(@folder.length + 1)..-1]
    end

    def data?(path)
      return false unless path.start_with?("#{@folder}/")
      return false if [@environment.manifest.to_s, *@environment.full_modulepath].any? { |code| within?(code, path) }
      return false if within?(path, @environment.manifest.to_s)

      one = @environment.modules.find { |candidate| within?(path, candidate.path) && path != candidate.path }
      return false if one.nil? && @environment.full_modulepath.any? { |modules| within?(path, modules) }

      top = path[((one ? one.path : @folder).length + 1)..-1].split('/').first
      !CODE.include?(top)
    end

    # Stands before Hiera's own resolving of a hierarchy's files, which is done once for each compilation.
    module Resolving
      def resolve_paths(datadir, *)
        super.tap { |found| ask(datadir, found) }
      end

      def expand_mapped_paths(datadir, *)
        super.tap { |found| ask(datadir, found) }
      end

      def expand_globs(datadir, *)
        DataReads.current&.ask_for_all(datadir)
        super.tap { |found| ask(datadir, found) }
      end

      def create_data_provider(_, _, kind, function, *)
        plain = PLAIN.include?(function) && %w[data_hash lookup_key].include?(kind)
        DataReads.current&.ask_blindly unless plain
        super
      end

      private

      def ask(datadir, found)
        paths = found.map { |location| File.expand_path(location.location.to_s) }
        DataReads.current&.ask(datadir, paths)
        paths.each { |path| Watch.note('outside-file', "reads Hiera data from #{path}") unless Watch.inside?(path) }
      end
    end

    def self.install
      [Puppet::Pops::Lookup::HieraConfigV5, Puppet::Pops::Lookup::HieraConfigV4, Puppet::Pops::Lookup::HieraConfigV3]
        .each { |config| config.prepend(Resolving) }
    end
  end
end
