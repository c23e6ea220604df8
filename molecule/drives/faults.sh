#!/bin/sh
# Drives that must be refused. Each is named by its fault: /dev/head, /dev/disk/by-id/virtio-head, /mnt/head.
set -eu

# Small, so that reading them whole takes no time; XFS wants 300 MiB.
plug() {
    echo "$1" >/etc/instance-drive-size
    shift
    for name; do
        systemctl enable --quiet --now "instance-drive@$name"
    done
}
plug 64M small
plug 320M kernel root boot swap partitioned held filesystem head tail twice unlisted files ext4 byhand used shared1 shared2

# A table with one partition of type Linux: what a partitioning tool writes first.
printf '\200\0\1\0\203\376\377\377\0\010\0\0\0\0\011\0' | dd of=/dev/partitioned bs=1 seek=446 status=none
printf '\125\252' | dd of=/dev/partitioned bs=1 seek=510 status=none
mkfs.ext4 -q -L precious /dev/filesystem
echo 'not nothing' | dd of=/dev/head bs=1 seek=700000 status=none
echo 'not nothing' | dd of=/dev/tail bs=1 seek=$((320 * 1024 * 1024 - 5000)) status=none
ln -s ../../"$(readlink /dev/twice)" /dev/disk/by-id/wwn-twice

mkdir /mnt/files /mnt/ext4 /mnt/byhand /mnt/used
echo precious >/mnt/files/file
mkfs.ext4 -q /dev/ext4
mount /dev/ext4 /mnt/ext4
mkfs.xfs -q /dev/byhand
mount /dev/byhand /mnt/byhand
mkdir -p /mnt/byhand/.minio.sys /mnt/byhand/models
mkfs.xfs -q /dev/used
mount /dev/used /mnt/used
# A mounted filesystem writes by itself now and then, and every byte is to be compared.
for name in ext4 byhand used; do
    mount -o remount,ro "/mnt/$name"
done
tar --create --files-from /dev/null | docker import - legacy >/dev/null
docker create --name legacy-minio1 --label com.docker.compose.project=legacy --volume /mnt/used/data:/data legacy /minio
