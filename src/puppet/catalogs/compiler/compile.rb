# frozen_string_literal: true

# Compiles catalogs of one Puppet environment, one after the other, out of one warm process.
#
# The first line of stdin says which environment; then each line is an order, and each is answered by one line of
# JSON. The end of stdin ends it. Whatever else writes to stdout goes to stderr: it can not get between the answers.

require 'json'

module Bakehouse
  # The environment can not be compiled for anybody, and the person can correct that.
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
  # Puppet loads types and more from any gem: also from a Puppet that is one, as Debian's OpenVox, where another compiles.
  Gem::Specification.stubs.reject! { |gem| File.file?(File.join(gem.full_gem_path, 'lib/puppet/version.rb')) }
  require 'puppet'
  %w[environment catalog problem watch watched_calls own_process data_reads plugins module_facts compilation].each do |name|
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
Bakehouse::OwnProcess.start(compiler, answers)

while (line = orders.gets)
  order = JSON.parse(line)
  if order['describe']
    answers.puts(JSON.generate(compiler.describe))
  else
    Bakehouse::OwnProcess.answer(order)
  end
end

exit! 0
