# frozen_string_literal: true

Puppet::Type.newtype(:tool) do
  @doc = 'A tool.'
  newparam(:name, namevar: true)
  newparam(:size)
end
