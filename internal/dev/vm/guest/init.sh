#!/bin/busybox sh
# shellcheck shell=dash
# PID 1 of the virtual machine. It prepares a node, then runs the scripts that come through a serial port: one a line, as
# base64. The answer to each is a line, too: the exit status, and base64 of stdout and of stderr.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo '+cpu +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
for module in virtio_blk failover net_failover virtio_net; do insmod "/lib/modules/$module.ko.xz"; done
mount -t ext4 /dev/vda /volume

# The host's own address is 10.0.2.2: qemu's user network.
ip link set lo up
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up

# What runs on the node may do everything: kernel_t is permissive. See node.cil.
if grep -qw selinux=1 /proc/cmdline; then
    echo 0 >/proc/sys/kernel/printk_ratelimit # tests look for what is denied
    load_policy -i
    setfiles -F /etc/selinux/node-labels /image /volume
    echo 1 >/sys/fs/selinux/enforce
fi

if grep -qw apparmor=1 /proc/cmdline; then
    mount -t securityfs security /sys/kernel/security
    apparmor_parser --add --skip-cache /etc/apparmor.d/node-profiles
fi

# The kernel and qemu agree on the port after the boot.
port=
until [ -c "/dev/$port" ]; do port=$(ls /sys/class/virtio-ports); done
exec 3<>"/dev/$port"
echo ready >&3
while read -r script <&3; do
    echo "$script" | base64 -d >/run/script
    sh /run/script >/run/stdout 2>/run/stderr </dev/null
    echo "$? $(base64 -w 0 /run/stdout) $(base64 -w 0 /run/stderr)" >&3
done
poweroff -f
