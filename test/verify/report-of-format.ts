/**
 * One run as each report format tells it: a changed file (with one more that a failed command kept from being applied),
 * an audited one, an unchanged one. Shapes after Puppet's sources: 2.7 to 4 dump Ruby's objects with their marks,
 * 5 and later plain data.
 * @param failing false: without the command and what it kept from being applied
 */
export function reportOfFormat(format: number, failing = true): string {
  const dumped = format < 7;
  const mark = (name: string) => (dumped ? ` !ruby/object:Puppet::${name}` : '');
  const symbol = (text: string) => (dumped ? `!ruby/sym ${text}` : text);
  const from = (first: number, ...lines: string[]) => (format >= first ? lines : []);
  const until = (last: number, ...lines: string[]) => (format <= last ? lines : []);
  const time = (seconds: number) =>
    dumped ? `2026-11-23 04:16:${seconds}.244173 +00:00` : `'2026-11-23T04:16:${seconds}.244173000+00:00'`;
  const file = '/etc/puppet/environments/production/modules/redis/manifests/config.pp';

  const event = (status: string, property: string, was: string, is: string, message: string) => [
    `    -${mark('Transaction::Event')}`,
    `      audited: ${String(status === 'audit')}`,
    `      property: ${symbol(property)}`,
    `      previous_value: ${was}`,
    `      desired_value: ${is}`,
    '      historical_value:',
    `      message: ${message}`,
    `      name: ${symbol('file_created')}`,
    `      status: ${status}`,
    `      time: ${time(38)}`,
    ...from(6, '      redacted:', '      corrective_change: false'),
  ];
  const resource = (
    type: string,
    title: string,
    line: number,
    over: Record<string, boolean>,
    events: string[],
  ) => [
    `  ${type}[${title}]:${mark('Resource::Status')}`,
    `    title: ${title}`,
    `    file: ${file}`,
    `    line: ${line}`,
    `    resource: ${type}[${title}]`,
    `    resource_type: ${type}`,
    ...from(9, '    provider_used: posix'),
    ...from(
      4,
      '    containment_path:',
      '    - Stage[main]',
      '    - Redis::Config',
      `    - ${type}[${title}]`,
    ),
    ...(over.skipped === true ? [] : ['    evaluation_time: 2.5e-03']),
    ...(dumped
      ? ['    tags: &id001', ...(format < 4 ? ['      - class'] : ['    - class'])]
      : ['    tags:', '    - class']),
    `    time: ${time(37)}`,
    `    failed: ${String(over.failed ?? false)}`,
    ...from(10, '    failed_to_restart: false'),
    `    changed: ${String(over.changed ?? false)}`,
    `    out_of_sync: ${String(over.changed ?? over.failed ?? false)}`,
    `    skipped: ${String(over.skipped ?? false)}`,
    '    change_count: 0',
    '    out_of_sync_count: 0',
    ...(events.length === 0 ? ['    events: []'] : ['    events:', ...events]),
    ...from(6, '    corrective_change: false'),
  ];
  const log = (level: string, source: string, message: string) => [
    `-${mark('Util::Log')}`,
    `  level: ${symbol(level)}`,
    `  message: ${message}`,
    `  source: ${source}`,
    '  tags:',
    `  - ${level}`,
    `  time: ${time(38)}`,
    ...until(3, '  version: &id002 2.7.26'),
    `  file: ${file}`,
    '  line: 9',
  ];
  const path = '/Stage[main]/Redis::Config';
  const whenFailing = (lines: string[]) => (failing ? lines : []);
  return [
    '--- !ruby/object:Puppet::Transaction::Report',
    ...until(3, 'external_times:', '  !ruby/sym config_retrieval: 0.17'),
    ...until(6, 'kind: apply'),
    'host: redis.bake',
    `time: ${time(36)}`,
    'configuration_version: 1795407398',
    ...from(4, 'transaction_uuid: 8b34b596-fbee-40df-8681-ef6d26b25d9b'),
    `report_format: ${format}`,
    'puppet_version: "x"',
    `status: ${failing ? 'failed' : 'changed'}`,
    ...from(8, 'transaction_completed: true'),
    ...from(6, 'noop: false', 'noop_pending: false'),
    'environment: production',
    'logs:',
    ...log('notice', `${path}/File[/etc/redis.conf]/ensure`, `"defined content as '{md5}0123'"`),
    ...whenFailing(
      log('err', `${path}/Exec[reload it]/returns`, `"change from notrun to 0 failed: it's away"`),
    ),
    ...whenFailing(
      log('notice', `${path}/File[/etc/redis.ready]`, '"Dependency Exec[reload it] has failures: true"'),
    ),
    ...whenFailing(
      log('warning', `${path}/File[/etc/redis.ready]`, 'Skipping because of failed dependencies'),
    ),
    'metrics:',
    `  resources:${mark('Util::Metric')}`,
    '    name: resources',
    '    label: Resources',
    '    values:',
    `    - [${symbol('total')}, Total, ${failing ? 5 : 3}]`,
    `    - [${symbol('failed')}, Failed, ${failing ? 1 : 0}]`,
    'resource_statuses:',
    ...resource(
      'File',
      '/etc/redis.conf',
      3,
      { changed: true },
      event('success', 'ensure', symbol('absent'), symbol('file'), `"defined content as '{md5}0123'"`),
    ),
    ...whenFailing(
      resource(
        'Exec',
        'reload it',
        9,
        { failed: true },
        event('failure', 'returns', symbol('notrun'), '["0"]', `"change from notrun to 0 failed: it's away"`),
      ),
    ),
    ...whenFailing(resource('File', '/etc/redis.ready', 12, { skipped: true }, [])),
    ...resource(
      'File',
      '/etc/audited',
      15,
      {},
      event('audit', 'mode', '"0644"', '"0644"', '"audit change: newly-recorded value 0644"'),
    ),
    ...resource('File', '/etc/kept', 18, {}, []),
    ...from(6, 'corrective_change: false'),
    ...from(5, 'cached_catalog_status: not_used', 'catalog_uuid: ccabf3f3-f184-416d-97e0-c34a631062ae'),
    ...from(6, `${format < 11 ? 'master' : 'server'}_used: puppet:8140`),
    '',
  ].join('\n');
}
