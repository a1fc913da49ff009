# frozen_string_literal: true

# Twice as much.
Puppet::Functions.create_function(:'tools::double') do
  dispatch :double do
    param 'Integer', :number
  end

  def double(number)
    number * 2
  end
end
