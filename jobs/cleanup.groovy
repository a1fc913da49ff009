// Job DSL: says every night what could go; with APPLY it goes. Where it shall go every night, make APPLY true by default.
String door = readFileFromWorkspace('jobs/cleanup.jenkinsfile')

pipelineJob('cleanup') {
  description('Says which images and leftovers could go, and with APPLY deletes them. Made by jobs/cleanup.groovy.')
  properties {
    disableConcurrentBuilds()
    pipelineTriggers {
      triggers {
        cron { spec('H H(1-3) * * *') }
      }
    }
    buildDiscarder {
      strategy {
        logRotator {
          numToKeepStr('50')
          daysToKeepStr('')
          artifactNumToKeepStr('')
          artifactDaysToKeepStr('')
        }
      }
    }
  }
  parameters {
    booleanParam('APPLY', false, 'Delete, not only say what would be deleted')
  }
  definition {
    cps {
      script(door)
      sandbox()
    }
  }
}
