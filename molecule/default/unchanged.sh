#!/bin/sh
# Prints what is newer than the mark. Logs, Ansible's temporary files, and what systemd and docker's client note for
# themselves are not the project's.
home=~root
find / -xdev -newer /var/lib/mark \
    ! -path '/var/log*' ! -path "$home/.ansible*" ! -path "$home" ! -path "$home/.docker*" ! -path '/tmp*' \
    ! -path '/var/tmp*' ! -path '/var/lib/systemd/*'
# New containers, images, volumes and networks; not the logs that containers write.
[ ! -d /var/lib/docker ] || find /var/lib/docker -maxdepth 2 -type d -newer /var/lib/mark
# Before the first start of a node, nobody writes to a drive.
[ -e /opt/storageserver ] || find /var/lib/instance-drives -type f -newer /var/lib/mark
