/** How far a bake is, in words for a person, by the messages of amazon-ebs and of our own provisioners. */
const phases: readonly (readonly [RegExp, string])[] = [
  [/^Launching a source AWS instance/, 'launching a machine'],
  [/^Waiting for instance .* to become ready/, 'machine booting'],
  [/^Waiting for SSH to become available/, 'waiting for ssh'],
  [/^Uploading .*upload\.tar/, 'uploading'],
  [/^Provisioning with shell script: .*bootstrap\.sh$/, 'installing Puppet'],
  [/^Provisioning with shell script: .*puppet\.sh$/, 'Puppet running'],
  [/^Downloading .*report\.yaml/, 'bringing the report back'],
  [/^Provisioning with shell script: .*seal\.sh$/, 'sealing'],
  [/^Stopping the source instance/, 'stopping the machine'],
  [/^Creating AMI \S+ from instance/, 'imaging'],
  [/^Terminating the source AWS instance/, 'terminating the machine'],
  [/^Deleting temporary keypair/, 'removing the key'],
];

/** The phase that a message of Packer's begins; undefined when it begins none. */
export function phaseOf(message: string): string | undefined {
  return phases.find(([pattern]) => pattern.test(message))?.[1];
}
