#!/bin/sh
# Stands between the agent and a task, so that the exit code is kept when the agent restarts meanwhile.
# Usage: wrapper.sh ATTEMPT_DIR PROGRAM [ARG...]. Builtins only: the task's PATH is no business of ours.
dir=$1
shift
unset PWD OLDPWD SHLVL
# Caught rather than ignored: what is ignored here would be ignored in the task too.
trap : TERM INT HUP USR1 USR2
echo "$$" > "$dir/pid"
# Whoever creates this file first decides: the wrapper, or an agent that gave the attempt up.
(set -C; : > "$dir/claim") 2>/dev/null || exit 125
exec 3>&2 2>/dev/null
# In a subshell, so that a program that cannot be found ends the subshell; exec never takes a builtin.
(exec 2>&3 3>&-; exec "$@")
code=$?
cgroup=
# In a unit of its own: whether the kernel killed for memory. Read here, since the unit goes with its last process.
if [ -r "$dir/cgroup" ] && read -r cgroup < "$dir/cgroup" && [ -r "$cgroup/memory.events" ]; then
  while read -r what count; do
    [ "$what" = oom_kill ] && [ "$count" != 0 ] && : > "$dir/oom"
  done < "$cgroup/memory.events"
fi
# What it used: of this process and all that it waited for, and where it has a cgroup of its own, of that.
{
  times
  [ -r "/proc/$$/io" ] && while read -r line; do echo "$line"; done < "/proc/$$/io"
  if [ -n "$cgroup" ]; then
    [ -r "$cgroup/memory.peak" ] && read -r line < "$cgroup/memory.peak" && echo "memory.peak $line"
    for file in cpu.stat io.stat; do
      [ -r "$cgroup/$file" ] && while read -r line; do echo "$line"; done < "$cgroup/$file"
    done
  fi
} > "$dir/usage"
echo "$code" > "$dir/exit"
# Where the task has deleted this folder, the agent has the code from here alone.
exit "$code"
