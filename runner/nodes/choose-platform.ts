import { objectIn } from '../../internal/json.ts';
import type { ResourceClass } from '../classes/resource-classes.ts';
import { archLabel, linux, osLabel, type PodPlatform, windows } from '../pod/platform.ts';
import { selectsNode, toleratesNode } from './fits-node.ts';
import type { KnownNode } from './known-nodes.ts';

/**
 * Chooses the operating system for the Pods of a class: the one that their template names, or that of the nodes on
 * which they can be scheduled, or Linux, on which this program runs.
 */
export function choosePlatform({ spec }: ResourceClass, nodes: readonly KnownNode[]): PodPlatform {
  const fitting = nodes.filter((node) => selectsNode(spec, node) && toleratesNode(spec, node));
  const systems = valuesOf(fitting, osLabel);
  const given = objectIn(spec, 'os').name ?? objectIn(spec, 'nodeSelector')[osLabel];
  const isWindows =
    given === 'windows' || (given === undefined && systems.size === 1 && systems.has('windows'));
  const platform = isWindows ? windows : linux;
  const suited = fitting.filter(
    ({ metadata }) => (metadata?.labels?.[osLabel] ?? platform.os) === platform.os,
  );
  return {
    ...platform,
    mixed: { systems: systems.size > 1, architectures: valuesOf(suited, archLabel).size > 1 },
  };
}

function valuesOf(nodes: readonly KnownNode[], label: string): ReadonlySet<string> {
  return new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[label] ?? []));
}
