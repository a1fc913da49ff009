# frozen_string_literal: true

module Bakehouse
  # Sees what a compilation asks of the world outside of the environment: each answer decides the catalog, unseen.
  module Watch
    Found = Struct.new(:kind, :what, :file, :line)

    RUBY_LIBRARIES = [RbConfig::CONFIG['rubylibprefix'], *Gem.path, *Gem.default_path].uniq.map { |path| "#{path}/" }.freeze
    PUPPET = File.dirname($LOADED_FEATURES.find { |path| path.end_with?('/puppet.rb') }).freeze
    # Puppet's own code: not a library that somebody's function uses, but who calls those functions.
    PUPPET_CODE = "#{PUPPET}/puppet/"
    # These only do what their caller asks for.
    GO_BETWEENS = %w[file_system util/yaml facter_impl runtime util/json].map { |path| "#{PUPPET_CODE}#{path}" }.freeze
    # These do what a manifest asks for: the files that it names.
    ON_BEHALF = %w[functions/ parser/functions/ parser/templatewrapper parser/files pops/evaluator/epp_evaluator]
                .map { |path| "#{PUPPET_CODE}#{path}" }.freeze

    @active = false
    @depth = 0
    @always = []
    # The environment's own functions in Ruby, with what each has ever seen.
    @functions = {}
    @calls = []
    Memory = Struct.new(:found, :reads)

    class << self
      attr_reader :found, :reads, :secrets

      # The folders whose code and files are the environment's, also by their real names.
      def watch_folders(folders)
        @roots = folders.flat_map { |path| [path, File.realpath(path)] }.uniq.map { |path| "#{path}/" }
      end

      def during
        @found = []
        @reads = {}
        @secrets = []
        @depth = 0
        @calls = []
        @active = true
        yield
      ensure
        @active = false
      end

      # What was seen while code was loaded decides every catalog that is compiled with it, and code is loaded once.
      def findings
        (@always + @found).uniq
      end

      def loading
        before = @loading
        @loading = true
        yield
      ensure
        @loading = before
      end

      def remember(function, file)
        @functions[function.class] = Memory.new([], {}) if file.to_s.start_with?(*@roots)
      end

      # Functions may keep what they have seen (`@@hosts ||= …`), and do not look again for the next node: whatever
      # one has ever seen is seen again when it is called.
      def calling(function)
        memory = @functions[function.class]
        return yield if memory.nil? || !@active

        @found.concat(memory.found)
        @reads.merge!(memory.reads)
        @calls.push(memory)
        begin
          yield
        ensure
          @calls.pop
        end
      end

      # What a watched call does inside is part of it. Answers nil when that is so already.
      def within
        @depth += 1
        yield
      ensure
        @depth -= 1
      end

      def quiet?
        !@active || @depth.positive?
      end

      # Whoever called.
      def note(kind, what, frame = own_frame)
        file, line = frame ? [frame.absolute_path || frame.path, frame.lineno] : Puppet::Pops::PuppetStack.top_of_stack
        file, line = Puppet::Pops::PuppetStack.top_of_stack unless file && file.start_with?('/')
        one = Found.new(kind, what, file, line)
        (@loading ? @always : @found) << one
        @calls.each { |memory| memory.found << one unless memory.found.include?(one) }
      end

      # Only when the environment's own code called.
      def note_own(kind, what)
        frame = own_frame
        note(kind, what, frame) if frame
      end

      # A file is asked for: its text, or whether it exists. Answers nil.
      def read(path)
        path = path.to_path if path.respond_to?(:to_path)
        return unless path.is_a?(String)

        absolute = path.start_with?('/', '~')
        path = File.expand_path(path)
        if inside?(path)
          @reads[path] = true
          @calls.each { |memory| memory.reads[path] = true }
        elsif !RUBY_LIBRARIES.any? { |library| path.start_with?(library) }
          frame = own_frame(ON_BEHALF)
          # Puppet looks for a template's name as it stands before it takes it for a module's.
          return if frame.nil? || (frame == true && !absolute)

          note('outside-file', "reads #{path}", frame == true ? nil : frame)
        end
        nil
      rescue ArgumentError
        nil # `~nobody`: the call itself says so.
      end

      def inside?(path)
        @roots.any? { |root| path.start_with?(root) || root.chop == path }
      end

      private

      # The nearest caller that is no library: when it is the environment's own code. True for what is on its behalf.
      def own_frame(on_behalf = [])
        # A few are nearly always enough, and each costs time.
        [[3, 6], [9, 100]].each do |from, count|
          (caller_locations(from, count) || []).each do |frame|
            found = judge(frame, on_behalf)
            return found || nil unless found == :library
          end
        end
        nil
      end

      def judge(frame, on_behalf)
        path = frame.path
        return :library if path.start_with?(__dir__, '<internal:')
        # ERB and `eval` of a text know no file.
        return frame if path.start_with?('(') || @roots.any? { |root| path.start_with?(root) }

        if path.start_with?(PUPPET_CODE)
          return :library if GO_BETWEENS.any? { |prefix| path.start_with?(prefix) }

          return on_behalf.any? { |prefix| path.start_with?(prefix) }
        end
        RUBY_LIBRARIES.any? { |library| path.start_with?(library) } ? :library : frame
      end
    end
  end
end
