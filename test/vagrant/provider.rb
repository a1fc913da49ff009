# A provider for Vagrant whose machines are there already: `up` takes the one that BAKEHOUSE_TEST_MACHINE (address and
# key file) names. All the rest, from the Vagrantfile to ssh, rsync and the provisioners, is Vagrant's own.
module ReadyMachine
  class Provider < Vagrant.plugin('2', :provider)
    include Vagrant::Action::Builtin

    def initialize(machine)
      super
      @machine = machine
    end

    def state
      id = @machine.id ? :running : :not_created
      Vagrant::MachineState.new(id, id.to_s, id.to_s)
    end

    def ssh_info
      address, key = ENV.fetch('BAKEHOUSE_TEST_MACHINE').split(' ', 2)
      { host: address, port: 22, username: 'admin', private_key_path: [key] }
    end

    def action(name)
      {
        up: [ConfigValidate, Provision, SyncedFolders, Take, [WaitForCommunicator, [:running]]],
        provision: [ConfigValidate, Provision],
      }.fetch(name).each_with_object(Vagrant::Action::Builder.new) do |(step, *args), all|
        all.use(step, *args)
      end
    end
  end

  # Where another provider would make and boot a machine.
  class Take
    def initialize(app, _env)
      @app = app
    end

    def call(env)
      env[:machine].id = 'ready'
      @app.call(env)
    end
  end

  class Plugin < Vagrant.plugin('2')
    name 'ready machine'
    provider('ready', box_optional: true) { Provider }
  end
end
