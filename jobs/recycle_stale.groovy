// Job DSL: bakes every week what has become older than its max_age. A node without max_age in nodes.yaml never does.
String door = readFileFromWorkspace('jobs/recycle-stale.jenkinsfile')

pipelineJob('recycle-stale') {
  description('Bakes what has become older than its max_age. Made by jobs/recycle_stale.groovy.')
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
      script(door)
      sandbox()
    }
  }
}
