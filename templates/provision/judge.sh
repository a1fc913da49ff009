#!/bin/sh
# On the new machine: ends the bake when the Puppet run was not good. 0: nothing to do, 2: changes, all well.
set -eu
code=$(cat /var/lib/bakehouse-bake/exit-code)
case "$code" in
  0 | 2) ;;
  1) echo "judge.sh: the Puppet run failed (exit code 1): its catalog did not compile, or it could not start" >&2; exit 1 ;;
  4 | 6) echo "judge.sh: the Puppet run had failures (exit code $code)" >&2; exit 1 ;;
  *) echo "judge.sh: the Puppet run ended with exit code '$code'" >&2; exit 1 ;;
esac
