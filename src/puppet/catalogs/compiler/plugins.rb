# frozen_string_literal: true

require 'digest'
require 'find'
require 'ripper'

module Bakehouse
  # What pluginsync brings to every node, each file by the hash of its meaning.
  module Plugins
    # Such a comment is read by Ruby itself.
    MAGIC = /\A#.*(?:coding|frozen[_-]string[_-]literal|warn[_-]indent|shareable[_-]constant[_-]value)\s*[:=]/i.freeze

    # By `redis/lib/facter/x.rb`. The first module of a name hides the others.
    def self.of(environment)
      environment.modules.sort_by(&:name).each_with_object({}) do |one, files|
        %w[lib facts.d].each do |folder|
          each_file(File.join(one.path, folder)) do |path, inside|
            files["#{one.name}/#{folder}/#{inside}"] = meaning(path, folder)
          end
        end
      end
    end

    def self.each_file(top, inside = '', seen = [], &block)
      folder = File.join(top, inside)
      return unless File.directory?(folder)

      real = File.realpath(folder)
      return if seen.include?(real)

      Dir.children(folder).sort.each do |name|
        next if name == '.git' || name == '.svn'

        path = File.join(folder, name)
        below = inside.empty? ? name : "#{inside}/#{name}"
        File.directory?(path) ? each_file(top, below, seen + [real], &block) : (yield path, below if File.file?(path))
      end
    end

    def self.meaning(path, folder)
      bytes = File.binread(path)
      text = path.end_with?('.rb') ? ruby_meaning(bytes) : nil
      # Facter runs what may be run and reads the rest.
      executable = folder == 'facts.d' && File.executable?(path) ? 'x' : '-'
      Digest::SHA256.hexdigest("#{executable}#{text ? 'ruby' : 'bytes'}\0#{text || bytes}")
    end

    # Ruby's tokens without comments and the amount of blanks; nil where the place of a token or what follows counts.
    def self.ruby_meaning(bytes)
      source = bytes.dup.force_encoding(Encoding::UTF_8)
      return nil if !source.valid_encoding? || source =~ /__LINE__|__END__|\bDATA\b|caller|__method__|lineno/ ||
                    Ripper.sexp(source).nil?

      join(Ripper.lex(source))
    end

    # What stands in a token (a string, a heredoc) stays as it is, under its length, so that it is never taken for a blank.
    def self.join(tokens)
      runs = tokens.map { |_, kind, text| blank(kind, text) || [text] }.slice_when { |*two| two.any?(Array) }
      runs.map { |run| run.first.is_a?(Array) ? "T#{run[0][0].bytesize}:#{run[0][0]}" : squeezed(run) }.join.strip
    end

    def self.blank(kind, text)
      case kind
      when :on_comment then text =~ MAGIC ? "M#{text.strip}\n" : "\n"
      when :on_embdoc_beg, :on_embdoc, :on_embdoc_end, :on_nl, :on_ignored_nl then "\n"
      # A line that goes on after a backslash is one line.
      when :on_sp, :on_words_sep then text.include?("\n") && !text.include?('\\') ? "\n" : ' '
      end
    end

    def self.squeezed(run)
      run.grep(/\AM/).join + (run.any? { |text| text.include?("\n") } ? "\n" : ' ')
    end
  end
end
