// Job DSL: bakes every week the nodes whose image is older than their max_age in nodes.yaml.
String pipelineText = readFileFromWorkspace('jobs/recycle-stale.jenkinsfile')

pipelineJob('recycle-stale') {
  description('Bakes the nodes whose image is older than their max_age. Made by jobs/recycle_stale.groovy.')
  properties {
    disableConcurrentBuilds()
    pipelineTriggers {
      triggers {
        cron { spec('H H(1-3) * * 0') }
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
  definition {
    cps {
      script(pipelineText)
      sandbox()
    }
  }
}
