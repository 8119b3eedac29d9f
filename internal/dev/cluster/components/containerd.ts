import { addresses } from '../addresses.ts';
import { runtimeAnswers } from '../cri.ts';
import { pauseImage } from '../images/pause-image.ts';
import { places } from '../places.ts';
import { type Component, configurationFile, toYaml } from './component.ts';

const configuration = configurationFile('containerd.toml');
const networks = configurationFile('networks');

const cri = 'plugins."io.containerd.grpc.v1.cri"';

/**
 * restrict_oom_score_adj: without it, no container starts if root has no CAP_SYS_RESOURCE.
 * disable_apparmor: a profile would stay in the kernel.
 */
const toml = `version = 2

[plugins."io.containerd.internal.v1.opt"]
path = "/var/lib/containerd/opt"

[${cri}]
sandbox_image = "${pauseImage}"
restrict_oom_score_adj = true
disable_apparmor = true

[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${networks}"

[${cri}.registry]
config_path = "${places.registries}"
`;

/**
 * A virtual cable from each Pod to the node, and no bridge: the node routes packets between Pods, so that the addresses
 * of Services work in both directions without br_netfilter.
 */
const podNetwork = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipam: { type: 'host-local', ranges: [[{ subnet: addresses.pods }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
  ],
};

/** Keeps images and runs containers, only for this cluster. */
export const containerd: Component = {
  name: 'containerd',
  command: ['containerd', '--config', configuration],
  files: { [configuration]: toml, [`${networks}/pods.conflist`]: toYaml(podNetwork) },
  after: [],
  isReady: () => runtimeAnswers(places.containerdSocket),
};
