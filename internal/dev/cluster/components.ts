import type { Component } from './components/component.ts';
import { containerd } from './components/containerd.ts';
import { coredns } from './components/coredns.ts';
import { etcd } from './components/etcd.ts';
import { kubeApiserver } from './components/kube-apiserver.ts';
import { kubeControllerManager } from './components/kube-controller-manager.ts';
import { kubeProxy } from './components/kube-proxy.ts';
import { kubeScheduler } from './components/kube-scheduler.ts';
import { kubelet } from './components/kubelet.ts';

/** All components, each after those that it needs. */
export const components: readonly Component[] = [
  etcd,
  containerd,
  kubeApiserver,
  kubeControllerManager,
  kubeScheduler,
  kubelet,
  kubeProxy,
  coredns,
];
