#!/bin/sh
# Tasks must not speak with the node's identity: neither their users (USER and one per attempt) nor a container behind
# a bridge reach the addresses where credentials are handed out. These are routing rules, because iproute is on every
# image and a packet filter is not. Run before each start of the agent: metadata-rules.sh USER
#
# systemd-networkd, which sets up the network of Amazon Linux, deletes rules that are not its own whenever it is started
# or reloaded, but for those of the kernel. So these say that they are the kernel's (`protocol kernel`).
set -eu
export LC_ALL=C
uid=$(id -u "$1")

# A rule that is there already is refused by the kernel with these words; nothing is ever without a rule in between.
rule() {
  if said=$(ip "$@" 2>&1); then return 0; fi
  case $said in *'File exists'*) ;; *) echo "ip $*: $said" >&2; exit 1 ;; esac
}

# Before any rule of the network's own setup. What the host itself sends has `lo` as where it came in; what is left
# after its rule is forwarded.
deny() {
  rule "$1" rule add protocol kernel pref 10 uidrange "$uid-$uid" to "$2" prohibit
  rule "$1" rule add protocol kernel pref 11 uidrange 1900000000-1900004095 to "$2" prohibit
  rule "$1" rule add protocol kernel pref 12 iif lo to "$2" lookup main
  rule "$1" rule add protocol kernel pref 13 to "$2" prohibit
}

for address in 169.254.169.254 169.254.170.2 169.254.170.23; do deny -4 "$address"; done
for address in fd00:ec2::254 fd00:ec2::23; do deny -6 "$address"; done
