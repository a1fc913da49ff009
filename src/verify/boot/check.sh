#!/bin/sh
# Runs as root on a server that was launched to examine its image: one check's command, with a bound on its time and on
# what it may print. Judged in judge-check.ts.
# $1: the command, $2: what it gets as its own $1, both as base64, so that neither is ever part of a command line here.
# $3: seconds that it may take.
command=$(printf '%s' "$1" | base64 -d)
argument=$(printf '%s' "$2" | base64 -d)
folder=$(mktemp -d)
mkfifo "$folder/pipe"
{
  stdbuf -o0 head -c 65536 >"$folder/out"
  # The rest is let go of, or the command would end of a closed pipe.
  cat >/dev/null
} <"$folder/pipe" >/dev/null 2>&1 &
reader=$!
code=0
timeout -k 1 "$3" sh -c "$command" sh "$argument" </dev/null >"$folder/pipe" 2>"$folder/err" || code=$?
# What it started in the background may hold the pipe open: what that still prints is nobody's.
timeout 2 tail -s 0.1 --pid="$reader" -f /dev/null
kill "$reader" 2>/dev/null
printf 'code\t%s\n' "$code"
printf 'out\t%s\n' "$(base64 -w 0 <"$folder/out")"
printf 'err\t%s\n' "$(tail -c 4096 "$folder/err" | base64 -w 0)"
rm -rf "$folder"
echo end
