# frozen_string_literal: true

require 'json'

module Bakehouse
  # Code in Ruby of the environment may keep whatever it likes: constants, class variables, what it has patched. So that
  # nothing of one node counts for the next, a catalog that needs such code is compiled in a process of its own, a fork of
  # one that has never loaded any. What is only Puppet's language leaves nothing behind, and needs no process.
  module OwnProcess
    class << self
      # Such code is about to be loaded.
      def need
        throw :own_process if @trying
      end

      def start(compiler, answers)
        @compiler = compiler
        @answers = answers
        # Nobody writes here: it ends with this process, and then its children do.
        @lifeline, @holder = IO.pipe
      end

      def answer(order)
        unless @needed
          made = here { @compiler.compile(order) }
          return write(made, Bakehouse.resident_bytes) if made

          # Most nodes of an environment are alike.
          @needed = true
        end
        in_child(order)
      end

      private

      def write(answer, bytes)
        @answers.puts(JSON.generate(answer.merge('rss' => bytes), max_nesting: 0))
      end

      # Answers nil when the code is needed.
      def here
        @trying = true
        catch(:own_process) { yield }
      ensure
        @trying = false
      end

      def in_child(order)
        bytes = Bakehouse.resident_bytes
        from_child, to_parent = IO.pipe
        pid = fork do
          [from_child, @holder].each(&:close)
          Thread.new { @lifeline.read && Process.kill(:KILL, Process.pid) }
          write(@compiler.compile(order), bytes)
          to_parent.write(JSON.generate(@compiler.parsed))
          to_parent.close
          # Nothing that a function has registered to run at the end may run.
          exit! 0
        end
        to_parent.close
        parsed = from_child.read
        from_child.close
        Process.wait(pid)
        # Without its answer there is none: whoever asked sees that we have ended.
        exit! 1 unless $?.success?
        # So that the next child need not parse the same manifests.
        here { @compiler.parse(JSON.parse(parsed)) }
      end
    end
  end
end
