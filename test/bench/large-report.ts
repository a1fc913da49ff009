/** A report of format 12 of so many resources as Puppet 7 writes it, about 1.2 kB each; one in ten changed. */
export function largeReport(resources: number): string {
  const indexes = Array.from({ length: resources }, (_, index) => index);
  const changed = indexes.filter((index) => index % 10 === 0);
  return [
    '--- !ruby/object:Puppet::Transaction::Report',
    'host: redis.bake',
    "time: '2026-11-23T04:16:38.954432744+00:00'",
    'configuration_version: 1795407398',
    'transaction_uuid: 8b34b596-fbee-40df-8681-ef6d26b25d9b',
    'report_format: 12',
    'puppet_version: 7.23.0',
    'status: changed',
    'transaction_completed: true',
    'noop: false',
    'noop_pending: false',
    'environment: production',
    'logs:',
    ...changed.map(logOf),
    'metrics:',
    '  resources:',
    '    name: resources',
    '    label: Resources',
    '    values:',
    ...Object.entries({ total: resources, changed: changed.length, failed: 0 }).map(
      ([name, count]) => `    - - ${name}\n      - ${name}\n      - ${count}`,
    ),
    'resource_statuses:',
    ...indexes.map(statusOf),
    'corrective_change: false',
    'catalog_uuid: ccabf3f3-f184-416d-97e0-c34a631062ae',
    'cached_catalog_status: not_used',
    '',
  ].join('\n');
}

const title = (index: number) => `/etc/service-${index % 50}/conf.d/setting-${index}.conf`;
const place = (index: number) =>
  `"/tmp/bakehouse/environments/production/modules/service${index % 50}/manifests/init.pp"`;
const tags = (index: number, indent: string) =>
  [
    'file',
    'class',
    `service${index % 50}`,
    'profile::service',
    'profile',
    'service',
    'role::server',
    'role',
    'node',
    'default',
  ]
    .map((tag) => `${indent}- ${tag}`)
    .join('\n');

function logOf(index: number): string {
  return `- level: notice
  message: content changed '{sha256}022004df64740cb9dbafa4b2a9b982d5aad4226fc3282f6f5aef7c18fdcf4737' to '{sha256}15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'
  source: "/Stage[main]/Service${index % 50}/File[${title(index)}]/content"
  tags:
  - notice
${tags(index, '  ')}
  time: '2026-11-23T04:16:38.962111252+00:00'
  file: ${place(index)}
  line: ${(index % 90) + 1}`;
}

function statusOf(index: number): string {
  const changed = index % 10 === 0;
  const event = `
    - audited: false
      property: content
      previous_value: "{sha256}022004df64740cb9dbafa4b2a9b982d5aad4226fc3282f6f5aef7c18fdcf4737"
      desired_value: "{sha256}15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
      historical_value:
      message: content changed '{sha256}022004df64740cb9dbafa4b2a9b982d5aad4226fc3282f6f5aef7c18fdcf4737' to '{sha256}15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'
      name: content_changed
      status: success
      time: '2026-11-23T04:16:38.959689781+00:00'
      redacted:
      corrective_change: false`;
  return `  File[${title(index)}]:
    title: "${title(index)}"
    file: ${place(index)}
    line: ${(index % 90) + 1}
    resource: File[${title(index)}]
    resource_type: File
    provider_used: posix
    containment_path:
    - Stage[main]
    - Role::Server
    - Profile::Service
    - Service${index % 50}
    - File[${title(index)}]
    evaluation_time: ${((index % 97) + 1) / 10_000}
    tags:
${tags(index, '    ')}
    time: '2026-11-23T04:16:38.959144673+00:00'
    failed: false
    failed_to_restart: false
    changed: ${String(changed)}
    out_of_sync: ${String(changed)}
    skipped: false
    change_count: ${changed ? 1 : 0}
    out_of_sync_count: ${changed ? 1 : 0}
    events:${changed ? event : ' []'}
    corrective_change: false`;
}
