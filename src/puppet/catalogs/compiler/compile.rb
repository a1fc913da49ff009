# frozen_string_literal: true

# Compiles catalogs of one Puppet environment, one after the other, in one warm process.
#
# The first line of stdin says which environment; then each line is an order, and each is answered by one line of
# JSON. The end of stdin ends it. Whatever else writes to stdout goes to stderr: it can not get between the answers.

require 'json'

module Bakehouse
  # The environment can not be compiled for anybody, and the person can mend that.
  class BadEnvironment < StandardError; end
end

orders = $stdin.dup
answers = $stdout.dup
answers.sync = true
$stdin.reopen(File::NULL)
$stdout.reopen($stderr)
Dir.chdir('/')

options = JSON.parse(orders.gets || exit)

begin
  require 'puppet'
  %w[environment catalog problem watch watched_calls data_reads plugins compilation].each do |name|
    require_relative name
  end
  compiler = Bakehouse::Compilation.new(options)
rescue Bakehouse::BadEnvironment => e
  answers.puts(JSON.generate('broken' => e.message, 'badInput' => true))
  exit! 0
rescue Exception => e # rubocop:disable Lint/RescueException
  answers.puts(JSON.generate('broken' => "#{e.class}: #{e.message}".scrub.lines.first.to_s.strip))
  exit! 0
end

answers.puts(JSON.generate('ready' => Puppet.version))

while (line = orders.gets)
  order = JSON.parse(line)
  answer = order['describe'] ? compiler.describe : compiler.compile(order)
  answers.puts(JSON.generate(answer.merge('rss' => Bakehouse.resident_bytes), max_nesting: 0))
end

# Nothing that a function has registered to run at the end may run.
exit! 0
