// Job DSL: a pipeline job that runs this repository's Jenkinsfile when its manifests change.
pipelineJob('bakehouse-bake') {
  description('Bakes an image of each node of nodes.yaml when the manifests change.')
  properties { pipelineTriggers { triggers { pollSCM { scmpoll_spec('H/5 * * * *') } } } }
  definition {
    cpsScm {
      scm {
        git {
          remote { url(System.getenv('BAKEHOUSE_REPOSITORY') ?: 'git@git.example.com:operations/bakehouse.git') }
          branch('main')
        }
      }
      scriptPath('Jenkinsfile')
    }
  }
}
