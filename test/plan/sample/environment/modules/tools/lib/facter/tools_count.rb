# frozen_string_literal: true

# How many there are.
Facter.add(:tools_count) do
  setcode { 3 }
end
