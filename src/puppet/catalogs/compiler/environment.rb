# frozen_string_literal: true

module Bakehouse
  # Where a bake puts environments: paths in catalogs must read as there.
  BAKE_ENVIRONMENTS = '/var/lib/bakehouse-bake/environments'

  # Nothing lies there, so nothing of this computer's own Puppet gets into a catalog.
  NOWHERE = '/var/lib/bakehouse-bake/nowhere'

  def self.resident_bytes
    File.read('/proc/self/statm').split[1].to_i * 4096
  rescue SystemCallError
    0
  end

  def self.set_up_puppet
    folders = { confdir: 'etc', codedir: 'code', vardir: 'var', publicdir: 'public', rundir: 'run', logdir: 'log' }
    settings = folders.map { |name, folder| "--#{name}=#{NOWHERE}/#{folder}" }
    # What build uploads is what counts: modules that are installed here may not be there.
    settings << "--basemodulepath=#{NOWHERE}/modules"
    settings << "--environmentpath=#{BAKE_ENVIRONMENTS}" << '--settings_catalog=false'
    # Else Puppet asks Facter for this computer's name.
    settings << '--certname=bakehouse' << '--environment_timeout=unlimited'
    Puppet.initialize_settings(settings, false)
  end

  # Puppet's loader of environments finds a folder by the environment's name; here every name is the same folder.
  class OneFolder
    include Puppet::Environments::EnvironmentLoader

    def initialize(folder)
      @folder = folder
      @environments = {}
      @confs = {}
      @base = Puppet::Node::Environment.split_path(Puppet[:basemodulepath])
    end

    def search_paths
      ["file://#{@folder}"]
    end

    def list
      @environments.values
    end

    def get(name)
      @environments[name.to_sym] ||= create(name.to_sym)
    end

    def get_conf(name)
      @confs[name.to_sym] ||= Puppet::Settings::EnvironmentConf.load_from(@folder, @base)
    rescue Puppet::Settings::ParseError => e
      raise BadEnvironment, "environment.conf#{":#{e.line}" if e.line} can not be read: #{e.message.sub(/ \(file: .*/m, '')}."
    end

    private

    # Without config_version: that is a command to run.
    def create(name)
      get_conf(name)
      values = Puppet.settings.values(name, Puppet.settings.preferred_run_mode)
      modulepath = Puppet::Node::Environment.split_path(values.interpolate(:modulepath))
      assert_folders(name, modulepath)
      Puppet::Node::Environment.create(name, modulepath, values.interpolate(:manifest))
    end

    # Puppet passes over a folder that is not there, and says later that it knows no such class.
    def assert_folders(name, modulepath)
      setting = get_conf(name).section&.setting(:modulepath)
      return if setting.nil?

      modulepath.each do |path|
        next if File.directory?(path) || @base.include?(path)

        line = File.readlines(File.join(@folder, 'environment.conf')).index { |text| text =~ /^\s*modulepath\s*=/ }
        raise BadEnvironment, "There is no module folder #{path}, which modulepath names " \
                              "(environment.conf:#{line.to_i + 1}): install the modules there (r10k, librarian-puppet) first."
      end
    end
  end
end
