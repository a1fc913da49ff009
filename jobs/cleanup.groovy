// Job DSL: shows every night what could be deleted, and with APPLY deletes it. To delete every night, make APPLY true by default.
String pipelineText = readFileFromWorkspace('jobs/cleanup.jenkinsfile')

pipelineJob('cleanup') {
  description('Shows which images and leftovers could be deleted, and with APPLY deletes them. Made by jobs/cleanup.groovy.')
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
    booleanParam('APPLY', false, 'Delete. Otherwise only show what would be deleted')
  }
  definition {
    cps {
      script(pipelineText)
      sandbox()
    }
  }
}
