# frozen_string_literal: true

require 'openssl'

module Bakehouse
  # Makes plain data of a compiled catalog: JSON that Node reads without loss, without secrets, without this checkout's folder.
  class CatalogData
    def initialize(folder, environment, key)
      @key = key
      # The folder itself, not another whose name begins or ends like it.
      @folder = /(?<![\w.-])#{Regexp.union([folder, File.realpath(folder)].uniq)}(?![\w.-])/
      @instead = "#{BAKE_ENVIRONMENTS}/#{environment}"
    end

    # Answers the catalog, and what in it is Deferred.
    def of(catalog, places)
      @deferred = []
      kept = {}
      resources = catalog.resources.reject { |one| one.virtual? && !one.exported? }.map do |one|
        kept[one] = text(one.ref)
        resource(one, places)
      end
      edges = catalog.edges.select { |edge| kept.key?(edge.source) && kept.key?(edge.target) }
      [{ 'resources' => resources,
         'edges' => edges.map { |edge| { 'source' => kept[edge.source], 'target' => kept[edge.target] } } }, @deferred]
    end

    private

    def resource(one, places)
      @current = one
      sensitive = one.sensitive_parameters
      parameters = {}
      one.parameters.each do |name, parameter|
        value = parameter.value
        next if value.nil? || value == :undef

        parameters[name.to_s] = sensitive.include?(name) ? secret(value) : plain(value)
      end
      { 'type' => one.type, 'title' => text(one.title.to_s), 'parameters' => parameters,
        'exported' => one.exported? ? true : false }.merge(places.place(one.file, one.line))
    end

    def plain(value)
      case value
      when String then text(value)
      when Integer then value.abs < 2**53 ? value : { '__integer' => value.to_s }
      # JavaScript makes 1 of 1.0, which is another text in a file.
      when Float then value.finite? && value != value.floor ? value : { '__float' => value.to_s }
      when true, false, nil then value
      when :undef then nil
      when Array then value.map { |inner| plain(inner) }
      when Hash then hash(value)
      when Puppet::Pops::Types::PSensitiveType::Sensitive then secret(value.unwrap)
      when Puppet::Resource then text(value.ref)
      else rich(value)
      end
    end

    def hash(value)
      unless value.each_key.all? { |key| key.is_a?(String) }
        return { '__hash' => value.map { |key, inner| [plain(key), plain(inner)] } }
      end

      value.to_h { |key, inner| [text(key), plain(inner)] }
    end

    # Puppet's own form of what JSON does not have: `{"__ptype": "Timestamp", "__pvalue": …}`.
    def rich(value)
      hidden(Puppet::Pops::Serialization::ToDataConverter.convert(
        value, rich_data: true, symbol_as_string: false, local_reference: false, type_by_reference: true,
               message_prefix: @current.ref
      ))
    end

    def hidden(data)
      case data
      when Array then data.map { |inner| hidden(inner) }
      when Hash
        return secret(data['__pvalue']) if data['__ptype'] == 'Sensitive'

        @deferred << [@current, data['name']] if data['__ptype'] == 'Deferred'
        hash(data.transform_values { |inner| hidden(inner) })
      else plain(data)
      end
    end

    # Equal values have equal hashes, whatever the order of their keys.
    def secret(value)
      value = value.unwrap if value.is_a?(Puppet::Pops::Types::PSensitiveType::Sensitive)
      json = JSON.generate(sorted(plain(value)), max_nesting: 0)
      { '__sensitive' => OpenSSL::HMAC.hexdigest('SHA256', @key, json) }
    end

    def sorted(data)
      case data
      when Array then data.map { |inner| sorted(inner) }
      when Hash then data.sort.to_h { |key, inner| [key, sorted(inner)] }
      else data
      end
    end

    def text(value)
      value = value.encode(Encoding::UTF_8) unless value.encoding == Encoding::UTF_8 || value.encoding == Encoding::BINARY
      value = value.dup.force_encoding(Encoding::UTF_8) if value.encoding == Encoding::BINARY
      return { '__bytes' => [value].pack('m0') } unless value.valid_encoding?

      value.include?('/') ? value.gsub(@folder, @instead) : value
    rescue EncodingError
      { '__bytes' => [value].pack('m0') }
    end
  end
end
