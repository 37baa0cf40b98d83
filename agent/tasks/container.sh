#!/bin/sh
# Runs one container in the foreground, behind the wrapper, and takes it away. What a restarted agent needs to know
# is in files by then. Usage: container.sh ATTEMPT_DIR CLIENT NAME [ARGUMENT OF run...]
dir=$1 client=$2 name=$3
shift 3
# Its inputs: the image says who runs. No link is followed.
[ -e "$dir/inputs" ] && chmod -R a+rwX "$dir/work"
# The client passes the signal on to the container; this waits for it.
trap : TERM INT HUP USR1 USR2
"$client" run --name "$name" "$@"
code=$?
exec 2>/dev/null
[ "$("$client" inspect --format '{{.State.OOMKilled}}' "$name")" = true ] && : > "$dir/oom"
"$client" rm --force --volumes "$name" > /dev/null && rm -f "$dir/container"
exit "$code"
