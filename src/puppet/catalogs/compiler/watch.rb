# frozen_string_literal: true

module Bakehouse
  # Sees what a compilation asks of the computer, outside of the environment: each answer decides the catalog, unseen.
  module Watch
    # `subject`: the variable's name or the file's path. `functions`: Puppet's functions that were at work, the outermost first.
    Found = Struct.new(:kind, :what, :file, :line, :subject, :functions)

    RUBY_LIBRARIES = [RbConfig::CONFIG['rubylibprefix'], *Gem.path, *Gem.default_path].uniq.map { |path| "#{path}/" }.freeze
    PUPPET = File.dirname($LOADED_FEATURES.find { |path| path.end_with?('/puppet.rb') }).freeze
    # Puppet's own code: not a library that somebody's function uses, but who calls those functions.
    PUPPET_CODE = "#{PUPPET}/puppet/"
    # These only do what their caller asks for.
    GO_BETWEENS = %w[file_system util/yaml facter_impl runtime util/json].map { |path| "#{PUPPET_CODE}#{path}" }.freeze
    # These do what a manifest asks for: the files that it names.
    ON_BEHALF = %w[functions/ parser/functions/ parser/templatewrapper parser/files pops/evaluator/epp_evaluator]
                .map { |path| "#{PUPPET_CODE}#{path}" }.freeze

    # While Ruby searches for a library and loads it. Code of the environment that is loaded so stands nearer to its calls.
    REQUIRING = 'rubygems/core_ext/kernel_require.rb'
    # These choose the language of messages, or how Ruby finds its own libraries; or they only mute a warning.
    HARMLESS_VARIABLES = /\A(?:GEM_\w+|RUBY\w*|BUNDLE_\w+|LANG|LANGUAGE|LC_\w+|STDLIB_LOG_DEPRECATIONS)\z/.freeze

    @active = false
    @depth = 0
    @functions = []

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
        @functions = []
        @active = true
        yield
      ensure
        @active = false
      end

      # A function is at work, or is loaded.
      def in_function(name)
        @functions.push(name) if name.is_a?(String)
        yield
      ensure
        @functions.pop if name.is_a?(String)
      end

      # Whether a file is the environment's own.
      def own?(file)
        file.to_s.start_with?(*@roots)
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
      def note(kind, what, frame = own_frame, subject = nil)
        file, line = frame ? [frame.absolute_path || frame.path, frame.lineno] : Puppet::Pops::PuppetStack.top_of_stack
        file, line = Puppet::Pops::PuppetStack.top_of_stack unless file && file.start_with?('/')
        @found << Found.new(kind, what, file, line, subject, @functions.empty? ? nil : @functions.uniq)
      end

      # Only when the environment's own code called.
      def note_own(kind, what, subject = nil)
        frame = own_frame(ON_BEHALF)
        note(kind, what, frame == true ? nil : frame, subject) if frame
      end

      # A file is asked for: its text, or whether it exists. Answers nil.
      def read(path)
        path = path.to_path if path.respond_to?(:to_path)
        return unless path.is_a?(String)

        absolute = path.start_with?('/', '~')
        path = File.expand_path(path)
        if inside?(path)
          @reads[path] = true
        elsif !RUBY_LIBRARIES.any? { |library| path.start_with?(library) }
          frame = own_frame(ON_BEHALF)
          # Puppet looks for a template's name as it stands before it takes it for a module's.
          return if frame.nil? || (frame == true && !absolute)

          note('outside-file', "reads #{path}", frame == true ? nil : frame, path)
        end
        nil
      rescue ArgumentError
        nil # `~nobody`: the call itself says so.
      end

      def inside?(path)
        @roots.any? { |root| path.start_with?(root) || root.chop == path }
      end

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

      private

      def judge(frame, on_behalf)
        path = frame.path
        return false if path.include?(REQUIRING)
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
