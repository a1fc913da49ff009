const words = (text: string) => text.split(' ');
const manifestsOf = ['Credentials', 'Dir', 'Ref', 'Url'].map((what) => `manifests${what}`);
/** What a sandbox allows, in 2021 and now: Script Security's generic list, and what is marked so in the plugins' own classes. */
export const allowed = {
  methods: {
    collection: words('add collect collectEntries drop each join keySet size sort unique'),
    text: ['matches', 'readLines', 'toString', 'trim'],
    JsonSlurper: ['parseText'],
  },
  properties: {
    // Parameters, variables of the environment and what a checkout answers.
    build: ['absoluteUrl', 'description', 'displayName', 'fullDisplayName', 'result', 'upstreamBuilds'],
    git: ['branches', 'credentialsId', 'extensions', 'name', 'url', 'userRemoteConfigs'],
    // Of the map that the Jenkinsfile makes of build.json.
    buildFile: words('bake cleanupLocks description lock name parallel promote promoteLocks question'),
    // Of the map that the shared library makes of its arguments.
    settings: [
      ...words('agent approvers archive awsCredentials branch keep manifests nodes promote'),
      ...manifestsOf,
    ],
  },
  // The last three only for instanceof.
  classes: words('JsonSlurper groovy.json.JsonSlurper groovy.transform.Field CharSequence List Map'),
};
