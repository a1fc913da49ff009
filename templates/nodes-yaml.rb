# frozen_string_literal: true

require 'json'
require 'psych'

# nodes.yaml for the Vagrantfile, read as Bakehouse reads it (docs/nodes-yaml.md). YAML.load reads YAML 1.1, where 1.10 is
# 1.1, 012 is 10 and yes is true: what counts is the text of a value. The Vagrantfile needs no Node.
class BakehouseNodes
  # Vagrant prints its message, and ends with code 1.
  class Problem < Vagrant::Errors::VagrantError
    attr_reader :error_message

    def initialize(message)
      @error_message = message
      super()
    end
  end

  # What `vagrant` may have: what is wrong with another value, and which are right.
  def self.vagrant_keys
    from_one = ->(value) { value.is_a?(Integer) && value.positive? }
    port = ->(value) { value.to_s.match?(/\A[1-9]\d{0,4}\z/) && value.to_i < 65_536 }
    {
      'autostart' => ['is neither true nor false', ->(value) { [true, false].include?(value) }],
      'box' => ['is not the name of a box', ->(value) { value.is_a?(String) && value.match?(%r{\A[\w./-]+\z}) }],
      'cpus' => ['is not a whole number from 1', from_one],
      'ip' => ['is not an IPv4 address', ->(value) { value.to_s.match?(/\A\d{1,3}(\.\d{1,3}){3}\z/) }],
      'memory' => ['is not a whole number of MiB', from_one],
      'ports' => ['is not a mapping of ports, of this computer to the machine, such as {8080: 80}',
                  ->(value) { value.is_a?(Hash) && value.to_a.flatten.all?(&port) }],
    }
  end

  def initialize(file)
    @file = file
    @targets = {}.compare_by_identity
    # The key of each value.
    @keys = {}.compare_by_identity
    @reading = []
    @merging = []
    # What Bakehouse reads, too: aliases of aliases could fill the memory.
    @left = 500_000
  end

  # Each node's name with its values, laid over those of the defaults.
  def read
    top = root || stop(nil, 'the file is empty: name one node at least, such as `redis: {group: redis}`')
    entries = pairs(top, 'the file')
    defaults = {}
    if entries.key?('defaults') || entries.key?('nodes')
      other, node = entries.find { |name, _| !%w[defaults nodes].include?(name) }
      stop(@keys[node], "`#{other}` stands beside `nodes` and `defaults`: move it into `nodes`") if other
      stop(top, '`defaults` needs `nodes` beside it: put the nodes below `nodes:`') unless entries.key?('nodes')
      defaults = over({}, values(entries['defaults'], '"defaults"')) if entries.key?('defaults')
      entries = pairs(entries['nodes'], '`nodes`')
    end
    stop(top, 'there is no node: name one at least') if entries.empty?
    entries.to_h { |name, node| [name, over(defaults, values(node, name.to_json, name))] }
  rescue SystemStackError
    stop(nil, 'it is nested too deep')
  end

  # The facts of a file that `facts_from` names.
  def facts
    top = root
    return {} if top.nil? || (top.is_a?(Psych::Nodes::Scalar) && scalar(top).nil?)

    pairs(top, 'the file').to_h do |name, node|
      plain = resolve(node).is_a?(Psych::Nodes::Scalar) && !value(node).nil?
      stop(node, "#{name.to_json} is no plain fact: give it under `facts` of nodes.yaml") unless plain
      [name, value(node)]
    end
  end

  private

  def stop(node, message)
    place = node.nil? ? [] : [node.start_line + 1, node.start_column + 1]
    raise Problem, "#{[@file, *place].join(':')}: #{message}"
  end

  def root
    text = File.read(@file, mode: 'r:BOM|UTF-8')
    # Ends of lines to YAML 1.1 only.
    odd = text.valid_encoding? && text[/[\u0085\u2028\u2029]/]
    stop(nil, format('it has a character U+%04X: write it as "\\u%04x"', odd.ord, odd.ord)) if odd
    documents = Psych.parse_stream(text).children
    return if documents.empty?

    stop(documents[1], 'a second document begins here: remove its line `---`') if documents.length > 1
    stop(documents[0], 'the Vagrantfile does not read YAML 1.1: remove the line %YAML') if documents[0].version == [1, 1]
    find_targets(documents[0].root, {})
    documents[0].root
  rescue Psych::SyntaxError => e
    raise Problem, "#{@file}:#{e.line}:#{e.column}: not YAML: #{[e.problem, e.context].compact.join(' ')}"
  rescue SystemCallError => e
    why = e.is_a?(Errno::ENOENT) ? 'there is no such file' : e.message
    stop(nil, "it cannot be read (#{why})")
  end

  # An alias names the last anchor of its name above it.
  def find_targets(node, anchors)
    return @targets[node] = anchors[node.anchor] if node.is_a?(Psych::Nodes::Alias)

    anchors[node.anchor] = node
    (node.children || []).each { |child| find_targets(child, anchors) }
  end

  def resolve(node)
    return node unless node.is_a?(Psych::Nodes::Alias)

    @targets[node] || stop(node, "not YAML: there is no anchor &#{node.anchor} above")
  end

  # Goes into a mapping or a list, once at a time.
  def inside(node, place, open)
    stop(place, 'aliases go in a circle here: this is part of itself') if open.any? { |other| other.equal?(node) }
    stop(place, 'this is nested deeper than 200 levels') if open.length >= 200
    stop(place, 'aliases repeat too much') if (@left -= 1 + node.children.length).negative?
    open.push(node)
    yield.tap { open.pop }
  end

  # The keys of a mapping, each with the node of its value. Its own win over merged ones (`<<`), and then the first.
  def pairs(node, what)
    map = resolve(node)
    stop(node, "#{what} is not a mapping") unless map.is_a?(Psych::Nodes::Mapping)
    own = {}
    merged = {}
    inside(map, node, @merging) do
      map.children.each_slice(2) do |key, value|
        stop(key, 'a key is not a text: write it in quotes') if !key.is_a?(Psych::Nodes::Scalar) || key.value.empty?
        stop(key, 'this key stands twice in its mapping: remove one of the two') if own.key?(key.value)
        own[key.value] = value
        @keys[value] = key
        next unless key.value == '<<' && plain?(key)

        own['<<'] = nil
        bases = resolve(value)
        bases = bases.is_a?(Psych::Nodes::Sequence) ? bases.children : [value]
        bases.each { |base| merged = pairs(base, '`<<`').merge(merged) }
      end
    end
    merged.merge(own.compact)
  end

  def value(node)
    found = resolve(node)
    return scalar(found) if found.is_a?(Psych::Nodes::Scalar)

    inside(found, node, @reading) do
      list = found.is_a?(Psych::Nodes::Sequence)
      list ? found.children.map { |item| value(item) } : pairs(node, 'this').transform_values { |item| value(item) }
    end
  end

  def plain?(scalar)
    scalar.tag.nil? && scalar.style == Psych::Nodes::Scalar::PLAIN
  end

  def scalar(node)
    tags = [nil, '!', 'tag:yaml.org,2002:str']
    stop(node, 'the Vagrantfile reads no tag but !!str') unless tags.include?(node.tag)
    text = node.value
    return text unless plain?(node)

    case text
    when /\A(~|[Nn]ull|NULL)?\z/ then nil
    when /\A([Tt]rue|TRUE)\z/ then true
    when /\A([Ff]alse|FALSE)\z/ then false
    when /\A-?(0|[1-9]\d*)(\.\d*[1-9])?\z/ then number(text)
    else text
    end
  end

  # A number that would lose something as a number, or that JavaScript would write in another way, stays text.
  def number(text)
    float = text.to_f
    same = float.finite? && Rational(float.to_s) == Rational(text) && text != '-0'
    return text unless same && (float.zero? || (1e-6...1e21).cover?(float.abs))

    text.include?('.') ? float : text.to_i
  end

  # The values of a node, or of the defaults.
  def values(node, what, name = 'defaults')
    unless name.match?(/\A[a-z0-9][a-z0-9-]{0,62}\z/)
      stop(@keys[node], "node name #{what} is not 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit")
    end
    return {} if resolve(node).is_a?(Psych::Nodes::Scalar) && value(node).nil?

    entries = pairs(node, what)
    %w[facts puppet vagrant].each { |key| pairs(entries[key], "#{what}: `#{key}`") if entries.key?(key) }
    check_vagrant(pairs(entries['vagrant'], what), what) if entries.key?('vagrant')
    found = entries.transform_values { |item| value(item) }
    from = [found.fetch('facts_from', [])].flatten
    stop(entries['facts_from'], "#{what}: `facts_from` is neither a file nor a list of files") unless from.all?(String)
    found.merge('facts_from' => from)
  end

  def check_vagrant(entries, what)
    known = BakehouseNodes.vagrant_keys
    entries.each do |key, node|
      stop(@keys[node], "#{what}: `vagrant.#{key}` is none of #{known.keys.join(', ')}") unless known.key?(key)
      wrong, right = known[key]
      given = value(node)
      stop(node, "#{what}: `vagrant.#{key}` #{wrong} (it is #{given.to_json})") unless given.nil? || right.call(given)
    end
  end

  # A null takes away a key of the defaults, or a fact of a file. A fact that only `facts` has may be null.
  def over(defaults, own)
    files = own.fetch('facts_from', []).map { |file| BakehouseNodes.new(File.expand_path(file, File.dirname(@file))).facts }
    laid = %w[facts puppet vagrant].to_h do |key|
      below, above = [defaults, own].map { |values| values.fetch(key, {}) }
      below = below.merge(*files) if key == 'facts'
      both = ->(name) { key != 'facts' || (below.key?(name) && above.key?(name)) }
      [key, below.merge(above).reject { |name, value| value.nil? && both.call(name) }]
    end
    defaults.merge(own, laid)
  end
end
