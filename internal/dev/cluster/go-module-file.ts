/** The output of `go mod edit -json` for a go.mod: https://go.dev/ref/mod#go-mod-edit */
export interface GoModuleFile {
  readonly Go: string;
  readonly Require: readonly { readonly Path: string; readonly Version: string }[];
  readonly Replace: readonly { readonly Old: { readonly Path: string } }[];
}

/** The versions that our own program is made of, such as 1.34.4. */
export interface ProgramVersions {
  readonly kubernetes: string;
  readonly coredns: string;
}

/**
 * The go.mod of a program that imports Kubernetes and CoreDNS. Kubernetes has modules in its own tree, by `replace`
 * directives that have no effect for importers. Here they are replaced by their releases, v0.34.4 for 1.34.4. All other
 * dependencies stay at the versions of the Kubernetes release, whatever CoreDNS asks for.
 *
 * @param ofKubernetes the go.mod of k8s.io/kubernetes in that version
 */
export function writeGoModuleFile(versions: ProgramVersions, ofKubernetes: GoModuleFile): string {
  const release = versions.kubernetes.replace(/^1\./, 'v0.');
  const inTree = new Set(ofKubernetes.Replace.map(({ Old }) => Old.Path));
  const pins = [
    ...[...inTree].map((path) => ({ path, version: release })),
    ...ofKubernetes.Require.filter(({ Path }) => !inTree.has(Path)).map(({ Path, Version }) => ({
      path: Path,
      version: Version,
    })),
  ];
  return `module runner-init/cluster

go ${ofKubernetes.Go}

require (
	k8s.io/kubernetes v${versions.kubernetes}
	github.com/coredns/coredns v${versions.coredns}
)

replace (
${pins.map(({ path, version }) => `\t${path} => ${path} ${version}`).join('\n')}
)
`;
}
