/** What a key of a builder holds: text (or a list or mapping of texts), a number, a switch, or keys of its own. */
export type Kind = 'text' | 'number' | 'switch' | BuilderKeys;

/** The keys of a mapping in a pack's builder, each with what it holds. */
export interface BuilderKeys {
  readonly [key: string]: Kind;
}

const textKeys = `
  access_key ami_description ami_groups ami_name ami_org_arns ami_ou_arns ami_product_codes ami_regions
  ami_users ami_virtualization_type availability_zone capacity_reservation_group_arn capacity_reservation_id
  capacity_reservation_preference communicator custom_endpoint_ec2 deprecate_at fleet_tags
  iam_instance_profile imds_support instance_type kms_key_id mfa_code name pause_before_connecting
  pause_before_ssm profile region region_kms_key_ids run_tags run_volume_tags secret_key security_group_id
  security_group_ids shared_credentials_file shutdown_behavior snapshot_groups snapshot_tags snapshot_users
  source_ami spot_allocation_strategy spot_instance_types spot_price spot_price_auto_product spot_tags
  ssh_bastion_certificate_file ssh_bastion_host ssh_bastion_password ssh_bastion_private_key_file
  ssh_bastion_username ssh_certificate_file ssh_ciphers ssh_file_transfer_method ssh_host ssh_interface
  ssh_keep_alive_interval ssh_key_exchange_algorithms ssh_keypair_name ssh_local_tunnels ssh_password
  ssh_private_key_file ssh_proxy_host ssh_proxy_password ssh_proxy_username ssh_read_write_timeout
  ssh_remote_tunnels ssh_timeout ssh_username ssh_wait_timeout subnet_id tags temporary_key_pair_name
  temporary_key_pair_type temporary_security_group_source_cidrs tenancy token type user_data user_data_file
  vpc_id windows_password_timeout winrm_host winrm_password winrm_timeout winrm_username`;

const numberKeys = `
  block_duration_minutes max_retries session_manager_port snapshot_copy_duration_minutes ssh_bastion_port
  ssh_handshake_attempts ssh_port ssh_private_key ssh_proxy_port ssh_public_key temporary_key_pair_bits
  winrm_port`;

const switchKeys = `
  associate_public_ip_address decode_authorization_messages disable_stop_instance ebs_optimized ena_support
  enable_nitro_enclave enable_t2_unlimited enable_unlimited_credits encrypt_boot force_delete_snapshot
  force_deregister insecure_skip_tls_verify no_ephemeral skip_ami_run_tags skip_create_ami
  skip_credential_validation skip_metadata_api_check skip_profile_validation skip_region_validation
  skip_save_build_region sriov_support ssh_agent_auth ssh_bastion_agent_auth ssh_bastion_interactive
  ssh_clear_authorized_keys ssh_disable_agent_forwarding ssh_pty temporary_security_group_source_public_ip
  winrm_insecure winrm_no_proxy winrm_use_ntlm winrm_use_ssl`;

function all(keys: string, kind: Kind): BuilderKeys {
  return Object.fromEntries(
    keys
      .trim()
      .split(/\s+/)
      .map((key) => [key, kind]),
  );
}

const keyValue = all('key value', 'text');
const nameValue = all('name value', 'text');
const template: BuilderKeys = {
  ...all('template_id template_name', 'text'),
  template_version: 'number',
  enable_fast_launch: 'switch',
};
const filter: BuilderKeys = { filters: 'text', filter: { ...keyValue, ...nameValue } };
const blockDevice: BuilderKeys = {
  ...all('device_name kms_key_id snapshot_id virtual_name volume_type', 'text'),
  ...all('iops throughput volume_size', 'number'),
  ...all('delete_on_termination encrypted no_device', 'switch'),
};

/**
 * The keys of Packer's amazon-ebs: those of Packer 1.6.6 (builder/amazon/ebs/builder.hcl2spec.go of hashicorp/packer) and
 * of hashicorp/packer-plugin-amazon at 5028903 (the same file's successor, builder/ebs/builder.hcl2spec.go).
 */
export const builderKeys: BuilderKeys = {
  ...all(textKeys, 'text'),
  ...all(numberKeys, 'number'),
  ...all(switchKeys, 'switch'),
  ...all('fleet_tag run_tag snapshot_tag spot_tag tag', keyValue),
  ...all('ami_block_device_mappings launch_block_device_mappings', blockDevice),
  ...all('security_group_filter vpc_filter', filter),
  run_volume_tag: nameValue,
  subnet_filter: { ...filter, most_free: 'switch', random: 'switch' },
  source_ami_filter: {
    ...filter,
    owners: 'text',
    most_recent: 'switch',
    include_deprecated: 'switch',
  },
  assume_role: {
    ...all('external_id policy policy_arns role_arn session_name tags transitive_tag_keys', 'text'),
    duration_seconds: 'number',
  },
  aws_polling: all('delay_seconds max_attempts', 'number'),
  deregistration_protection: all('enabled with_cooldown', 'switch'),
  fast_launch: {
    ...template,
    region_launch_templates: { ...template, region: 'text' },
    ...all('max_parallel_launches target_resource_count', 'number'),
  },
  license_specifications: { license_configuration_request: all('license_configuration_arn', 'text') },
  metadata_options: {
    ...all('http_endpoint http_tokens instance_metadata_tags', 'text'),
    http_put_response_hop_limit: 'number',
  },
  placement: all('host_id host_resource_group_arn tenancy', 'text'),
  temporary_iam_instance_profile_policy_document: {
    Version: 'text',
    Statement: all('Action Effect Resource', 'text'),
  },
  vault_aws_engine: all('engine_name name role_arn ttl', 'text'),
};
