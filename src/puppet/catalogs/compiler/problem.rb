# frozen_string_literal: true

module Bakehouse
  # Files as a person knows them: as seen from the environment's folder.
  class Places
    def initialize(folder)
      @within = "#{folder}/"
    end

    def relative(file)
      file.start_with?(@within) ? file[@within.length..-1] : file
    end

    def place(file, line, column = nil)
      return {} if file.nil? || file.to_s.empty? || file == 'unknown'

      place = { 'file' => relative(file.to_s) }
      place['line'] = line.to_i if line.to_i.positive?
      place['column'] = column.to_i if column.to_i.positive?
      place
    end

    # Messages end with the place, sometimes with several, since errors are told on by those above.
    IN_BRACKETS = /\s*\((?:file: ([^()\n]+?))?(?:(?:, )?line: (\d+))?(?:, column: (\d+))?\)/.freeze

    def problem(error)
      text = error.respond_to?(:basic_message) && error.basic_message ? error.basic_message : error.message
      named = text.match(IN_BRACKETS)
      file, line, column = named.captures if named && named[1]
      if error.is_a?(Puppet::ExternalFileError) && error.file
        file, line, column = error.file, error.line, error.pos
      end
      file, line = ruby_place(error) if file.nil?
      { 'kind' => 'error', 'message' => message(text, error) }.merge(place(file, line, column))
    end

    # A line of Puppet's log: its places stay, in their short form.
    def log_line(log)
      text = log.message.to_s.scrub.gsub(IN_BRACKETS) do
        parts = Regexp.last_match.captures.compact
        parts.empty? ? Regexp.last_match(0) : " (#{relative(parts.first)}#{parts.drop(1).map { |part| ":#{part}" }.join})"
      end
      text = "#{text} (#{relative(log.file)}:#{log.line})" if log.file && !text.include?("#{relative(log.file)}:#{log.line}")
      one_line(text)
    end

    private

    def message(text, error)
      text = error.class.name if text.nil? || text.empty?
      text = text.gsub(IN_BRACKETS) { |all| all =~ /file:|line:/ ? '' : all }
      text = "#{error.class}: #{text}" unless error.is_a?(Puppet::Error) || error.is_a?(StandardError)
      one_line(text.sub(/ on node \S+\z/, ''))
    end

    def one_line(text)
      text.scrub.gsub(/\s*\n\s*/, ' ').gsub(@within, '').strip
    end

    # Where in the environment's Ruby the error came from.
    def ruby_place(error)
      own = (error.respond_to?(:original) && error.original || error).backtrace.to_a.find { |at| at.start_with?(@within) }
      own && own.match(/\A(.+?):(\d+)/)&.captures
    end
  end
end
